import { Checkbox, Fieldset, Stack, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { named } from "../../i18n/named";
import { TextField } from "../../parts/fields";
import { Form, useField } from "../../parts/Form";
import { tell } from "../../parts/tell";
import classes from "./user.module.css";
import { useExplained } from "./constraints";
import { choiceFor, isHeld, rightsOf, singly } from "./rights";
import { Mixed } from "./Ticks";
import { chosen, type Choices } from "../../parts/choices";
import { useChoices, type Current } from "./useChoices";
import { ifMatch, nameOf, useKeepUser, useMay, userQuery, type Right, type Role, type User } from "./user";
import { useWhy } from "./why";

interface RightsProps {
  user: User;
  roles: readonly Role[];
  catalogue: readonly Right[];
}

/** comesWithARole is the one right that nobody is granted or denied singly. */
const comesWithARole = "users.manage";

const chosenAs = (choices: Choices, as: string) => [...choices].filter(([, v]) => v === as).map(([right]) => right);

const current = (user: User): Current => ({ choices: singly(user), version: user.version });

/** Rights says for each right whether the user has it and why, and ticks it over what the roles give. */
export function Rights({ user, roles, catalogue }: RightsProps) {
  const { t } = useTranslation("user");
  const client = useQueryClient();
  const keep = useKeepUser();
  const may = useMay("users.manage");
  const explained = useExplained(roles, catalogue);
  const { base, mine, choose, mixed, save } = useChoices(current(user), async () =>
    current(await client.query({ ...userQuery(user.id), staleTime: 0 })),
  );
  const agreed = catalogue.some((r) => r.sensitive && mine.get(r.id) === "grant" && base.get(r.id) !== "grant");
  const list = <RightList user={user} roles={roles} catalogue={catalogue} choices={mine} onChoose={may && choose} />;
  return (
    <section aria-labelledby="rights">
      <Title order={2} id="rights" mb="sm">
        {t("rights.heading")}
      </Title>
      <Text mb="sm">{t(may ? "rights.text" : "rights.readOnly")}</Text>
      {may ? (
        <Form
          submit={t("rights.save")}
          onSubmit={async ({ approvedBy = "" }) => {
            const saved = await save(async (choices, version) => {
              const body = {
                grant: chosenAs(choices, "grant"),
                deny: chosenAs(choices, "deny"),
                ...(approvedBy !== "" && { approvedBy }),
              };
              const after = await explained(
                "grant",
                answer(api.PUT("/api/v1/users/{id}/rights", { ...ifMatch(user.id, version), body })),
              );
              await keep(after);
              return current(after);
            });
            if (saved) tell(t("rights.saved", { name: nameOf(user) }));
          }}
        >
          <Mixed mixed={mixed} />
          {list}
          {agreed && (
            <TextField
              name="approvedBy"
              label={t("rights.approvedBy")}
              description={t("rights.approvedByHint")}
              required
            />
          )}
        </Form>
      ) : (
        list
      )}
    </section>
  );
}

type RightListProps = RightsProps & { choices: Choices; onChoose: ((choices: Choices) => void) | false };

function RightList({ user, roles, catalogue, choices, onChoose }: RightListProps) {
  const { t } = useTranslation("user");
  const { error } = useField("grant");
  const why = useWhy(user, roles, choices);
  const byRoles = rightsOf(roles, user.roles);
  return (
    <Fieldset
      legend={t("rights.label")}
      data-invalid-group={error ? true : undefined}
      tabIndex={error ? -1 : undefined}
    >
      <Stack gap="sm">
        {error && <Text c="red">{error}</Text>}
        <input type="hidden" name="grant" value={choices.size} data-label={t("rights.label")} />
        <ul className={classes.rights}>
          {catalogue.map((right) => (
            <li key={right.id}>
              <Checkbox
                label={named(right)}
                description={why(right) || undefined}
                checked={isHeld(right.id, byRoles, choices)}
                disabled={!onChoose || right.id === comesWithARole}
                onChange={({ currentTarget: { checked } }) => {
                  const before = singly(user).get(right.id);
                  if (onChoose) onChoose(chosen(choices, right.id, choiceFor(checked, byRoles.has(right.id), before)));
                }}
              />
            </li>
          ))}
        </ul>
      </Stack>
    </Fieldset>
  );
}
