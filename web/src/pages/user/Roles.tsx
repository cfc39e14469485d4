import { Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { named, namedBy } from "../../i18n/named";
import { Form } from "../../parts/Form";
import { tell } from "../../parts/tell";
import type { Option } from "../../parts/TickList";
import classes from "./user.module.css";
import { useExplained } from "./constraints";
import { effectOf } from "./rights";
import { Mixed, Ticks } from "./Ticks";
import { useChoices, type Current } from "./useChoices";
import { ifMatch, nameOf, useKeepUser, useMay, userQuery, type Right, type Role, type User } from "./user";

interface RolesProps {
  user: User;
  roles: readonly Role[];
  catalogue: readonly Right[];
}

const ticked = (roles: readonly string[]) => new Map(roles.map((id) => [id, "on"]));

const current = ({ roles, version }: User): Current => ({ choices: ticked(roles), version });

/** Roles are ticked in a list; what that does to the rights is said before it is saved. */
export function Roles({ user, roles, catalogue }: RolesProps) {
  const { t } = useTranslation("user");
  const may = useMay("users.manage");
  return (
    <section aria-labelledby="roles">
      <Title order={2} id="roles" mb="sm">
        {t("roles.heading")}
      </Title>
      {may ? <Choose user={user} roles={roles} catalogue={catalogue} /> : <Held user={user} roles={roles} />}
    </section>
  );
}

function Held({ user, roles }: Omit<RolesProps, "catalogue">) {
  const { t } = useTranslation("user");
  if (user.roles.length === 0) return <Text>{t("roles.none")}</Text>;
  return (
    <ul>
      {user.roles.map((id) => (
        <li key={id}>{namedBy(id, roles)}</li>
      ))}
    </ul>
  );
}

function Choose({ user, roles, catalogue }: RolesProps) {
  const { t } = useTranslation("user");
  const client = useQueryClient();
  const keep = useKeepUser();
  const explained = useExplained(roles, catalogue);
  const options = useOptions(roles, user.roles);
  const { mine, choose, mixed, save } = useChoices(current(user), async () =>
    current(await client.query({ ...userQuery(user.id), staleTime: 0 })),
  );
  return (
    <Form
      submit={t("roles.save")}
      onSubmit={async () => {
        const saved = await save(async (choices, version) => {
          const body = { roles: [...choices.keys()] };
          const after = await explained(
            "roles",
            answer(api.PUT("/api/v1/users/{id}/roles", { ...ifMatch(user.id, version), body })),
          );
          await keep(after);
          return current(after);
        });
        if (saved) tell(t("roles.saved", { name: nameOf(user) }));
      }}
    >
      <Mixed mixed={mixed} />
      <Ticks
        name="roles"
        label={t("roles.label")}
        options={options}
        ticked={new Set(mine.keys())}
        onChange={(after) => {
          choose(ticked([...after]));
        }}
      />
      <Effects user={user} roles={roles} catalogue={catalogue} after={[...mine.keys()]} />
    </Form>
  );
}

/** useOptions are the roles to tick, each with what holds of its holders. One that is held can be taken away in any case. */
function useOptions(roles: readonly Role[], held: readonly string[]): Option[] {
  const { t } = useTranslation("user");
  const nameFor = (id: string) => namedBy(id, roles);
  return roles.map((role) => {
    const { id, entitled, constraints: c } = role;
    const said = [
      c.atLeastOne && t("roles.atLeastOne"),
      c.atMostOne && t("roles.atMostOne"),
      c.allSchools && t("roles.allSchools"),
      c.requires && c.requires.length > 0 && t("roles.requires", { roles: c.requires.map(nameFor).join(", ") }),
      c.grantedBy === "operator" && t("roles.byOperator"),
      !entitled && t("roles.notEntitled"),
    ];
    const description = said.filter((text) => typeof text === "string").join(" ");
    const disabled = c.grantedBy === "operator" || (!entitled && !held.includes(id));
    return { value: id, label: named(role), disabled, ...(description !== "" && { description }) };
  });
}

/** Effects says which rights are gained and lost once this is saved. */
function Effects({ user, roles, catalogue, after }: RolesProps & { after: readonly string[] }) {
  const { t } = useTranslation("user");
  const { gained, lost } = effectOf(user, roles, after);
  return (
    <div role="status">
      {[["gains", gained] as const, ["loses", lost] as const]
        .filter(([, rights]) => rights.length > 0)
        .map(([kind, rights]) => (
          <div key={kind} className={classes.effect}>
            <Text fw={600}>{t(`roles.${kind}`, { name: nameOf(user), count: rights.length })}</Text>
            <ul>
              {rights.map((right) => (
                <li key={right}>{namedBy(right, catalogue)}</li>
              ))}
            </ul>
          </div>
        ))}
    </div>
  );
}
