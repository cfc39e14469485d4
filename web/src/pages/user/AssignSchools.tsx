import { Checkbox, NativeSelect, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { useField } from "../../parts/Form";
import { Form } from "../../parts/Form";
import { tell } from "../../parts/tell";
import type { Option } from "../../parts/TickList";
import { bodyOf, choicesOf, groupOf, hasAll, schoolsOf, withAll, withGroup, withSchools } from "./assignment";
import { useExplained } from "./constraints";
import { GroupTicks } from "./GroupTicks";
import { Relation, RelationsContext, RelationSuggestions } from "./Relation";
import { Mixed, Ticks } from "./Ticks";
import { chosen, type Choices } from "../../parts/choices";
import { useChoices, type Current } from "./useChoices";
import type { School } from "../schools/queries";
import { ifMatch, nameOf, useKeepUser, userQuery, userSchoolsQuery, type Role, type User } from "./user";

interface AssignSchoolsProps {
  user: User;
  assigned: Schemas["UserSchoolsAnswerBody"];
  schools: readonly School[];
  groups: readonly Schemas["SchoolGroupBody"][];
  roles: readonly Role[];
}

const current = (assigned: Schemas["UserSchoolsAnswerBody"]): Current => ({
  choices: choicesOf(assigned),
  version: assigned.version,
});

/** besideSchool is one function for all, so that ticking one school does not draw the others anew. */
const besideSchool = (option: Option) => <Relation id={option.value} school={option.label} />;

/** AssignSchools ticks a user's schools in a list, or a school group's at once, and says what the user is to each. */
export function AssignSchools({ user, assigned, schools, groups, roles }: AssignSchoolsProps) {
  const { t } = useTranslation("user");
  const client = useQueryClient();
  const said = useSaid(user);
  const send = useSend(user, roles);
  const there = useMemo(() => current(assigned), [assigned]);
  const { base, mine, choose, mixed, save } = useChoices(there, async () =>
    current(await client.query({ ...userSchoolsQuery(user.id), staleTime: 0 })),
  );
  const ticked = useMemo(() => new Set(schoolsOf(mine)), [mine]);
  const options = useOptions(schools, base);
  const tick = (after: ReadonlySet<string>) => {
    choose(withSchools(mine, after, base));
  };
  const relations = {
    relations: mine,
    relate: (id: string, relation: string) => {
      choose(chosen(mine, id, relation));
    },
  };
  return (
    <Form
      submit={t("schools.save")}
      onSubmit={async () => {
        if (await save(send)) tell(said(mine));
      }}
    >
      <Mixed mixed={mixed} />
      {groups.length > 0 && (
        <DefaultGroup
          groups={groups}
          value={groupOf(mine)}
          onChange={(id) => {
            choose(withGroup(mine, id));
          }}
        />
      )}
      <Checkbox
        label={t("schools.all")}
        description={t("schools.allHint")}
        checked={hasAll(mine)}
        onChange={({ currentTarget }) => {
          choose(withAll(mine, currentTarget.checked));
        }}
      />
      {hasAll(mine) ? (
        <Text>{t("schools.hasAll")}</Text>
      ) : (
        <RelationsContext value={relations}>
          {groups.length > 0 && <GroupTicks groups={groups} ticked={ticked} onChange={tick} />}
          <Ticks
            name="schools"
            label={t("schools.label")}
            options={options}
            ticked={ticked}
            onChange={tick}
            beside={besideSchool}
          />
          <RelationSuggestions />
        </RelationsContext>
      )}
    </Form>
  );
}

interface DefaultGroupProps {
  groups: AssignSchoolsProps["groups"];
  value: string;
  onChange: (id: string) => void;
}

function DefaultGroup({ groups, value, onChange }: DefaultGroupProps) {
  const { t } = useTranslation("user");
  const { error } = useField("defaultGroup");
  return (
    <NativeSelect
      label={t("schools.defaultGroup")}
      description={t("schools.defaultGroupHint")}
      name="defaultGroup"
      error={error}
      value={value}
      data={[{ value: "", label: t("schools.noGroup") }, ...groups.map((g) => ({ value: g.id, label: g.name }))]}
      onChange={({ currentTarget }) => {
        onChange(currentTarget.value);
      }}
    />
  );
}

/** useOptions are the schools to tick; one that is closed only where it is assigned already. */
function useOptions(schools: readonly School[], base: Choices): Option[] {
  const { t } = useTranslation("user");
  return useMemo(
    () =>
      schools
        .filter((s) => !s.closed || base.has(s.id))
        .map((s) => {
          const description = [s.code, s.closed && t("schools.closed")].filter(Boolean).join(" · ");
          return { value: s.id, label: s.name, ...(description !== "" && { description }) };
        }),
    [schools, base, t],
  );
}

/** useSend sends the choices, and takes what comes of them. */
function useSend(user: User, roles: readonly Role[]) {
  const client = useQueryClient();
  const keep = useKeepUser();
  const explained = useExplained(roles, []);
  return async (choices: Choices, version: number): Promise<Current> => {
    const body = bodyOf(choices);
    const change = answer(api.PUT("/api/v1/users/{id}/schools", { ...ifMatch(user.id, version), body }));
    const after = await explained("schools", change);
    client.setQueryData(userSchoolsQuery(user.id).queryKey, after);
    const known = client.getQueryData(userQuery(user.id).queryKey) ?? user;
    await keep({ ...known, version: after.version });
    return current(after);
  };
}

/** useSaid says what was saved. */
function useSaid(user: User): (saved: Choices) => string {
  const { t } = useTranslation("user");
  return (saved) =>
    hasAll(saved)
      ? t("schools.savedAll", { name: nameOf(user) })
      : t("schools.saved", { name: nameOf(user), count: schoolsOf(saved).length });
}
