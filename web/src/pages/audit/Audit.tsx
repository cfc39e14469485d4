import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { moment } from "../../parts/time";
import { Changes, useActionName, useNote, usePartyName, type Entry } from "../../parts/trail";
import { useTrailNames } from "../users/trailNames";
import { FilterForm } from "./FilterForm";
import { filterOf, queryOf, type Filter } from "./filter";
import { usernameQuery } from "./people";

/** Audit is the audit trail of the organisation, with what it is asked for in the address. */
export function Audit() {
  const { t } = useTranslation("audit");
  const session = useSession();
  const [address, setAddress] = useSearchParams();
  const filter = filterOf(address);
  const actor = useQuery(usernameQuery(filter.actor ?? ""));
  const subject = useQuery(usernameQuery(filter.subject ?? ""));
  return (
    <Page title={t("title")} place={session.organisation?.name}>
      <Text>{t("text")}</Text>
      <Later query={actor}>
        {(by) => (
          <Later query={subject}>
            {(about) => (
              <FilterForm
                key={address.toString()}
                filter={filter}
                actor={by}
                subject={about}
                onFilter={(next) => {
                  setAddress({ ...next });
                }}
              />
            )}
          </Later>
        )}
      </Later>
      <Entries filter={filter} slug={session.organisation?.slug ?? ""} />
    </Page>
  );
}

const pageLength = 50;

function Entries({ filter, slug }: { filter: Filter; slug: string }) {
  const { t } = useTranslation("audit");
  const columns = useColumns(slug);
  const entries = usePages(["own", "audit", "all", filter], (cursor) =>
    answer(api.GET("/api/v1/audit", { params: { query: { limit: pageLength, ...queryOf(filter), ...cursor } } })),
  );
  return (
    <Pages query={entries}>
      {(rows) => (
        <DataTable
          caption={t("caption")}
          columns={columns}
          rows={rows}
          rowKey={(e) => e.id}
          empty={t(entries.hasNextPage ? "notYet" : "none")}
        />
      )}
    </Pages>
  );
}

function useColumns(slug: string): Column<Entry>[] {
  const { t } = useTranslation("audit");
  const actionName = useActionName();
  const partyName = usePartyName();
  const note = useNote();
  const names = useTrailNames();
  return [
    { key: "at", label: t("at"), cell: (e) => moment(e.at) },
    { key: "who", label: t("who"), cell: (e) => <Who entry={e} name={partyName(e.actor)} slug={slug} /> },
    { key: "what", label: t("what"), cell: (e) => actionName(e.action) },
    { key: "whom", label: t("whom"), cell: (e) => <Party party={e.subject} name={partyName(e.subject)} slug={slug} /> },
    {
      key: "details",
      label: t("details"),
      cell: (e) => (
        <>
          {note(e.note)}
          <Changes entry={e} names={names} />
        </>
      ),
    },
    { key: "address", label: t("address"), cell: (e) => e.address ?? "" },
  ];
}

function Who({ entry, name, slug }: { entry: Entry; name: string; slug: string }) {
  const { t } = useTranslation("audit");
  return (
    <>
      <Party party={entry.actor} name={name} slug={slug} />
      {entry.support && <Text size="sm">{t("support")}</Text>}
    </>
  );
}

interface PartyProps {
  party: Schemas["PartyBody"] | undefined;
  name: string;
  slug: string;
}

/** Party names somebody, and leads to those of this organisation. */
function Party({ party, name, slug }: PartyProps) {
  if (party?.id === undefined || party.organisation !== slug) return <bdi>{name}</bdi>;
  return (
    <>
      <Anchor component={Link} to={`/o/${slug}/users/${party.id}`} underline="always">
        <bdi>{name}</bdi>
      </Anchor>
      {party.username !== undefined && party.username !== name && <Text size="sm">{party.username}</Text>}
    </>
  );
}
