import { Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { moment } from "../../parts/time";
import { Changes, useActionName, useNote, usePartyName, type Entry } from "../../parts/trail";
import { useTrailNames } from "../users/trailNames";
import { nameOf, useMay, userAgreementsQuery, useUser, type User } from "./user";

const pageLength = 25;

/** History is what was done by the user and to the account, and what the user agreed to. */
export function History() {
  const { t } = useTranslation("user");
  const user = useUser();
  return (
    <Page title={t("history.title", { name: nameOf(user) })} place={useSession().organisation?.name}>
      <Agreements user={user} />
      <section aria-labelledby="trail">
        <Title order={2} id="trail" mb="sm">
          {t("history.trail")}
        </Title>
        {useMay("audit.view") ? <Trail user={user} /> : <Text>{t("history.closed")}</Text>}
      </section>
    </Page>
  );
}

function Agreements({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const agreements = useQuery(userAgreementsQuery(user.id));
  return (
    <section aria-labelledby="agreements">
      <Title order={2} id="agreements" mb="sm">
        {t("history.agreements")}
      </Title>
      <Later query={agreements}>
        {({ items }) => (
          <DataTable
            caption={t("history.accepted")}
            columns={[
              { key: "version", label: t("history.version"), cell: (a) => a.version },
              { key: "at", label: t("history.at"), cell: (a) => moment(a.acceptedAt) },
            ]}
            rows={items}
            rowKey={(a) => String(a.version)}
            empty={t("history.noAgreement")}
          />
        )}
      </Later>
    </section>
  );
}

function Trail({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const entries = usePages(["own", "user", user.id, "audit"], (cursor) => {
    const params = { path: { id: user.id }, query: { limit: pageLength, ...cursor } };
    return answer(api.GET("/api/v1/users/{id}/audit", { params }));
  });
  const columns = useColumns();
  return (
    <Pages query={entries}>
      {(rows) => (
        <DataTable
          caption={t("history.newest")}
          columns={columns}
          rows={rows}
          rowKey={(e) => e.id}
          empty={t("history.nothing")}
        />
      )}
    </Pages>
  );
}

function useColumns(): Column<Entry>[] {
  const { t } = useTranslation("user");
  const actionName = useActionName();
  const partyName = usePartyName();
  const note = useNote();
  const names = useTrailNames();
  return [
    { key: "at", label: t("history.at"), cell: (e) => moment(e.at) },
    { key: "what", label: t("history.what"), cell: (e) => actionName(e.action) },
    {
      key: "how",
      label: t("history.changes"),
      cell: (e) => (
        <>
          {note(e.note)}
          <Changes entry={e} names={names} />
        </>
      ),
    },
    { key: "who", label: t("history.who"), cell: (e) => partyName(e.actor) },
    { key: "from", label: t("history.from"), cell: (e) => e.address ?? "" },
  ];
}
