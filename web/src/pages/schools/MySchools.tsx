import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { DataTable, type Column } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { mySchoolsQuery } from "./queries";

type Assigned = Schemas["AssignedSchoolBody"];

/** MySchools are the schools that are assigned to oneself. */
export function MySchools() {
  const { t } = useTranslation("schools");
  const mine = useQuery(mySchoolsQuery);
  const columns: Column<Assigned>[] = [
    { key: "name", label: t("column.name"), cell: (s) => s.name },
    { key: "relation", label: t("column.relation"), cell: (s) => s.relation ?? "" },
    { key: "state", label: t("column.state"), cell: (s) => t(s.closed ? "closed" : "open") },
  ];
  return (
    <Later query={mine}>
      {({ all, schools }) =>
        all ? (
          <Text>{t("mine.all")}</Text>
        ) : (
          <DataTable
            caption={t("mine.caption")}
            columns={columns}
            rows={schools}
            rowKey={(s) => s.id}
            empty={t("mine.none")}
          />
        )
      }
    </Later>
  );
}
