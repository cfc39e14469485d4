import { Anchor, Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAt, useSession } from "../../api/session";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { groupsQuery, type SchoolGroup } from "./queries";

/** SchoolGroups are sets of schools under one name, for reports to begin with. */
export function SchoolGroups() {
  const { t } = useTranslation("schools");
  const session = useSession();
  const at = useAt();
  const groups = useQuery(groupsQuery);
  const manages = session.rights.includes("schools.manage");
  const columns: Column<SchoolGroup>[] = [
    {
      key: "name",
      label: t("column.name"),
      cell: (g) => (
        <Anchor component={Link} to={at(`school-groups/${g.id}`)} underline="always">
          {g.name}
        </Anchor>
      ),
    },
    { key: "schools", label: t("column.schools"), cell: (g) => t("schools", { count: g.schools.length }) },
  ];
  return (
    <Page title={t("groups.title")} place={session.organisation?.name}>
      <Text>{t("groups.intro")}</Text>
      {manages && (
        <div>
          <Button component={Link} to={at("school-groups/new")}>
            {t("groups.add")}
          </Button>
        </div>
      )}
      <Later query={groups}>
        {(all) => (
          <DataTable
            caption={t("groups.caption", { count: all.length })}
            columns={columns}
            rows={all}
            rowKey={(g) => g.id}
            empty={t(manages ? "groups.emptyAdd" : "groups.empty")}
          />
        )}
      </Later>
    </Page>
  );
}
