import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { DataTable } from "../../parts/DataTable";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { AssignSchools } from "./AssignSchools";
import { allSchoolsQuery, groupsQuery } from "../schools/queries";
import { nameOf, rolesQuery, useMay, userSchoolsQuery, useUser } from "./user";

type UserSchools = Schemas["UserSchoolsAnswerBody"];

/** Schools are those that the user is responsible for, each with the relation to it. */
export function Schools() {
  const { t } = useTranslation("user");
  const user = useUser();
  const assigned = useQuery(userSchoolsQuery(user.id));
  const may = useMay("users.manage");
  return (
    <Page title={t("schools.title", { name: nameOf(user) })} place={useSession().organisation?.name}>
      <Later query={assigned}>{(s) => (may ? <Assign assigned={s} /> : <Listed assigned={s} />)}</Later>
    </Page>
  );
}

function Listed({ assigned }: { assigned: UserSchools }) {
  const { t } = useTranslation("user");
  const groups = useQuery(groupsQuery);
  const group = groups.data?.find((g) => g.id === assigned.defaultGroup)?.name;
  return (
    <>
      {group !== undefined && <Text>{t("schools.groupIs", { group })}</Text>}
      {assigned.all ? (
        <Text>{t("schools.hasAll")}</Text>
      ) : (
        <DataTable
          caption={t("schools.caption", { count: assigned.schools.length })}
          columns={[
            { key: "name", label: t("schools.school"), cell: (s) => s.name },
            { key: "relation", label: t("schools.relation"), cell: (s) => s.relation ?? "" },
          ]}
          rows={assigned.schools}
          rowKey={(s) => s.id}
          empty={t("schools.noneAssigned")}
        />
      )}
    </>
  );
}

function Assign({ assigned }: { assigned: UserSchools }) {
  const { t } = useTranslation("user");
  const user = useUser();
  const schools = useQuery(allSchoolsQuery);
  const groups = useQuery(groupsQuery);
  const roles = useQuery(rolesQuery);
  const at = `/o/${useSession().organisation?.slug ?? ""}/schools`;
  const add = useMay("schools.manage");
  return (
    <Later query={schools}>
      {(all) => (
        <Later query={groups}>
          {(inGroups) =>
            all.length === 0 ? (
              <Text>
                {t("schools.noSchools")} {add && <Link to={at}>{t("schools.add")}</Link>}
              </Text>
            ) : (
              <AssignSchools
                key={user.id}
                user={user}
                assigned={assigned}
                schools={all}
                groups={inGroups}
                roles={roles.data?.items ?? []}
              />
            )
          }
        </Later>
      )}
    </Later>
  );
}
