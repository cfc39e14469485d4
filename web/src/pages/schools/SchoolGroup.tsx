import { Anchor, List, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { answer, api } from "../../api/client";
import { useAt, useSession } from "../../api/session";
import { Confirm } from "../../parts/Confirm";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import { GroupForm } from "./GroupForm";
import { allSchoolsQuery, groupsQuery, keepGroup, type School, type SchoolGroup as Group } from "./queries";

/** NewSchoolGroup adds a group. */
export function NewSchoolGroup() {
  const { t } = useTranslation("schools");
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const at = useAt();
  const schools = useQuery(allSchoolsQuery);
  const [key] = useState(() => crypto.randomUUID());
  return (
    <Page title={t("groups.new")} place={session.organisation?.name}>
      <BackToGroups />
      <Later query={schools}>
        {(all) => (
          <GroupForm
            schools={all}
            submit={t("groups.add")}
            onSave={async (body) => {
              const params = { header: { "Idempotency-Key": key } };
              const made = await answer(api.POST("/api/v1/school-groups", { params, body }));
              keepGroup(client, made.id, made);
              await navigate(at("school-groups"));
              tell(t("groups.added", { name: made.name }));
            }}
          />
        )}
      </Later>
    </Page>
  );
}

/** SchoolGroup is one group: to change, or only to look at for who may not. */
export function SchoolGroup() {
  const { t } = useTranslation("schools");
  const { id } = useParams();
  const session = useSession();
  const groups = useQuery(groupsQuery);
  const schools = useQuery(allSchoolsQuery);
  const group = groups.data?.find((g) => g.id === id);
  const manages = session.rights.includes("schools.manage");
  return (
    <Page title={group?.name ?? t("groups.one")} place={session.organisation?.name}>
      <BackToGroups />
      <Later query={groups}>
        {() => (
          <Later query={schools}>
            {(all) => {
              if (!group) return <Text>{t("groups.gone")}</Text>;
              if (!manages) return <Members group={group} schools={all} />;
              return <Change key={group.id} group={group} schools={all} />;
            }}
          </Later>
        )}
      </Later>
    </Page>
  );
}

function BackToGroups() {
  const { t } = useTranslation("schools");
  const at = useAt();
  return (
    <Anchor component={Link} to={at("school-groups")} underline="always">
      {t("groups.back")}
    </Anchor>
  );
}

function Members({ group, schools }: { group: Group; schools: readonly School[] }) {
  const { t } = useTranslation("schools");
  const there = schools.filter((s) => group.schools.includes(s.id));
  if (there.length === 0) return <Text>{t("groups.noSchools")}</Text>;
  return (
    <List>
      {there.map((s) => (
        <List.Item key={s.id}>{s.name}</List.Item>
      ))}
    </List>
  );
}

function Change({ group, schools }: { group: Group; schools: readonly School[] }) {
  const { t } = useTranslation("schools");
  const client = useQueryClient();
  const navigate = useNavigate();
  const at = useAt();
  const [base, setBase] = useState(group);
  const one = { path: { id: group.id } };
  return (
    <>
      <GroupForm
        begin={base}
        schools={schools}
        submit={t("save")}
        current={async () => {
          const now = await answer(api.GET("/api/v1/school-groups/{id}", { params: one }));
          setBase(now);
          return { name: now.name, schools: now.schools.join(",") };
        }}
        onSave={async (body) => {
          const params = { ...one, header: { "If-Match": `"${base.version}"` } };
          const after = await answer(api.PUT("/api/v1/school-groups/{id}", { params, body }));
          setBase(after);
          keepGroup(client, group.id, after);
          tell(t("groups.saved", { name: after.name, count: after.schools.length }));
        }}
      />
      <div>
        <Confirm
          button={t("groups.delete.button")}
          title={t("groups.delete.title", { name: group.name })}
          effect={t("groups.delete.effect")}
          onConfirm={async () => {
            const params = { ...one, header: { "If-Match": `"${base.version}"` } };
            await answer(api.DELETE("/api/v1/school-groups/{id}", { params }));
            await navigate(at("school-groups"));
            keepGroup(client, group.id, null);
            tell(t("groups.delete.done", { name: group.name }));
          }}
        />
      </div>
    </>
  );
}
