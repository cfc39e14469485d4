import { Anchor, Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { day } from "../../parts/time";
import classes from "../../shell/Shell.module.css";
import { ClosedOrganisations } from "./ClosedOrganisations";
import { organisationsQuery, type Organisation, type Preset } from "./organisations";

/** Organisations are all that use the platform. */
export function Organisations() {
  const { t } = useTranslation("operator");
  const { organisation } = useSession();
  const organisations = useQuery(organisationsQuery);
  return (
    <Page title={t("list.title")} place={organisation?.name}>
      <div>
        <Button component={Link} to="new">
          {t("list.new")}
        </Button>
      </div>
      <Later query={organisations}>{(found) => <Searched organisations={found} />}</Later>
      <ClosedOrganisations />
    </Page>
  );
}

/** So many rows are drawn at once; more are a search, or a click, away. */
const atOnce = 50;

function Searched({ organisations }: { organisations: readonly Organisation[] }) {
  const { t } = useTranslation("operator");
  const [typed, setTyped] = useState("");
  const [limit, setLimit] = useState(atOnce);
  const sought = useDeferredValue(typed.trim().toLocaleLowerCase());
  const found = organisations.filter((o) => o.name.toLocaleLowerCase().includes(sought) || o.slug.includes(sought));
  const columns: Column<Organisation>[] = [
    {
      key: "name",
      label: t("list.name"),
      cell: (o) => (
        <Anchor component={Link} to={o.id} underline="always">
          <bdi>{o.name}</bdi>
        </Anchor>
      ),
    },
    { key: "slug", label: t("list.slug"), cell: (o) => o.slug },
    {
      key: "preset",
      label: t("list.preset"),
      cell: (o) => (o.preset === "platform" ? t("platform") : t(`preset.${o.preset as Preset}.name`)),
    },
    { key: "created", label: t("list.created"), cell: (o) => day(o.createdAt) },
  ];
  return (
    <>
      <div className={classes.narrow}>
        <TextInput
          type="search"
          label={t("list.search")}
          description={t("list.searchHint")}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setLimit(atOnce);
          }}
        />
      </div>
      <p role="status">{t("list.found", { count: found.length })}</p>
      <DataTable
        caption={t("list.title")}
        columns={columns}
        rows={found.slice(0, limit)}
        rowKey={(o) => o.id}
        empty={t("list.none")}
      />
      {found.length > limit && (
        <div>
          <Button
            variant="default"
            onClick={() => {
              setLimit(limit + atOnce);
            }}
          >
            {t("list.more", { count: Math.min(atOnce, found.length - limit) })}
          </Button>
        </div>
      )}
    </>
  );
}
