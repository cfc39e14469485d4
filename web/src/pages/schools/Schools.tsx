import { Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { DataTable, type Column } from "../../parts/DataTable";
import { Page } from "../../parts/Page";
import { Pages, usePages } from "../../parts/pages";
import { roleList } from "../roles/queries";
import { MySchools } from "./MySchools";
import { readSchools, schoolsKey, type School } from "./queries";
import { SchoolActions } from "./SchoolActions";
import { AddSchool } from "./SchoolForm";

/** Schools are those that the organisation works with. Who may not see all of them sees one's own. */
export function Schools() {
  const { t } = useTranslation("schools");
  const session = useSession();
  const sees = session.rights.includes("schools.view");
  const manages = session.rights.includes("schools.manage");
  return (
    <Page title={t("title")} place={session.organisation?.name}>
      {manages && (
        <>
          <Text>{t("intro")}</Text>
          <Text>
            {t("everybody")} <Leads />
          </Text>
          <div>
            <AddSchool />
          </div>
        </>
      )}
      {sees ? <SchoolList manages={manages} /> : !manages && <MySchools />}
    </Page>
  );
}

/** Leads names the roles whose holders get every new school. Who may not see roles is told without names. */
function Leads() {
  const { t } = useTranslation("schools");
  const enabled = useSession().rights.includes("users.view");
  const { data } = useQuery({ ...roleList, enabled });
  const names = (data ?? []).filter((r) => r.constraints.allSchools && r.members > 0).map(named);
  return names.length === 0 ? null : t("leads", { roles: names.join(", ") });
}

function SchoolList({ manages }: { manages: boolean }) {
  const { t } = useTranslation("schools");
  const [typed, setTyped] = useState("");
  const sought = useDeferredValue(typed.trim());
  const schools = usePages([...schoolsKey, sought], (cursor) => readSchools(sought, cursor));
  const columns: Column<School>[] = [
    { key: "name", label: t("column.name"), cell: (s) => s.name },
    { key: "code", label: t("column.code"), cell: (s) => s.code ?? t("noCode") },
    { key: "state", label: t("column.state"), cell: (s) => t(s.closed ? "closed" : "open") },
    ...(manages ? [{ key: "actions", label: "", cell: (s: School) => <SchoolActions school={s} /> }] : []),
  ];
  return (
    <>
      <Group>
        <TextInput
          type="search"
          label={t("search")}
          description={t("searchText")}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
      </Group>
      <Pages query={schools}>
        {(rows) => (
          <DataTable
            caption={t("caption")}
            columns={columns}
            rows={rows}
            rowKey={(s) => s.id}
            empty={t(sought !== "" ? "noneFound" : manages ? "emptyAdd" : "empty")}
          />
        )}
      </Pages>
    </>
  );
}
