import { Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import type { Session } from "../../api/session";
import { named } from "../../i18n/named";
import { languageNames } from "../../i18n";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import type { Handed } from "../../parts/Handover";
import { DateField, SelectField, split, TicksField } from "../../parts/moreFields";
import { endOfDay } from "../../parts/time";
import { addUser, nameOf, rolesQuery } from "./users";
import classes from "./Users.module.css";

type Rules = NonNullable<Session["userRules"]>;

const optional = ["title", "telephone", "mobile", "language", "staffId", "verification", "site"] as const;

/** NewUser is the row for a new user, above all others. Enter adds, and the next one can be typed at once. */
export function NewUser({ rules, onHandOver }: { rules: Rules; onHandOver: (handed: Handed) => void }) {
  const { t } = useTranslation("users");
  const client = useQueryClient();
  const [round, setRound] = useState(0);
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (round > 0) place.current?.querySelector<HTMLElement>("[name=givenName]")?.focus();
  }, [round]);
  return (
    <section ref={place} className={classes.newUser} aria-labelledby="new-user">
      <Title order={2} size="h4" id="new-user" mb="xs">
        {t("new.title")}
      </Title>
      <Form
        key={round}
        submit={t("new.submit")}
        onSubmit={async (values) => {
          const made = await answer(api.POST("/api/v1/users", { body: bodyOf(values, rules) }));
          addUser(client, made.user);
          const { username } = made.user;
          const name = nameOf(made.user);
          onHandOver({
            said: t("handed.added", { name, username }),
            name,
            username,
            password: made.initialPassword ?? "",
          });
          setRound(round + 1);
        }}
      >
        <div className={classes.row}>
          <TextField name="givenName" label={t("column.givenName")} autoComplete="off" required />
          <TextField name="familyName" label={t("column.familyName")} autoComplete="off" required />
          <TextField name="email" label={t("column.email")} type="email" autoComplete="off" required />
          {rules.usernameChosen && (
            <TextField
              name="username"
              label={t("column.username")}
              description={t("new.usernameHint")}
              autoComplete="off"
              required
            />
          )}
        </div>
        <More rules={rules} />
      </Form>
    </section>
  );
}

/** More is what can be said of a new user beside; it is open where some of it has to be. */
function More({ rules }: { rules: Rules }) {
  const { t } = useTranslation("users");
  const roles = useQuery(rolesQuery);
  const givable = (roles.data?.items ?? []).filter((r) => r.entitled && r.constraints.grantedBy !== "operator");
  const fields = optional.filter((f) => rules.fields.includes(f));
  if (roles.isPending) return null;
  return (
    <details className={classes.more} open={rules.rolesRequired || rules.required.length > 0 || undefined}>
      <summary>{t(givable.length > 1 ? "new.more" : "new.moreDetails")}</summary>
      {givable.length > 1 && (
        <TicksField
          name="roles"
          label={t("column.roles")}
          options={givable.map((r) => ({ value: r.id, label: named(r) }))}
          defaultTicked={rules.defaultRoles}
        />
      )}
      <div className={classes.row}>
        {fields.map((f) =>
          f === "language" ? (
            <SelectField
              key={f}
              name={f}
              label={t(`field.${f}`)}
              options={[
                { value: "", label: t("new.organisationsLanguage") },
                ...Object.entries(languageNames).map(([value, label]) => ({ value, label })),
              ]}
            />
          ) : (
            <TextField
              key={f}
              name={f}
              label={t(`field.${f}`)}
              autoComplete="off"
              required={rules.required.includes(f)}
            />
          ),
        )}
        <DateField name="endsAt" label={t("column.endsAt")} description={t("new.endsAtHint")} autoComplete="off" />
      </div>
    </details>
  );
}

/** bodyOf is what was typed, without what was left empty. */
function bodyOf(values: Values, rules: Rules): Schemas["NewUserBody"] {
  const { givenName = "", familyName = "", email = "", username, roles, endsAt } = values;
  const details = optional.filter((f) => rules.fields.includes(f) && (values[f] ?? "") !== "");
  return {
    givenName,
    familyName,
    email,
    ...(username === undefined ? {} : { username }),
    ...(roles === undefined ? {} : { roles: split(roles) }),
    ...(endsAt ? { endsAt: endOfDay(endsAt) } : {}),
    ...Object.fromEntries(details.map((f) => [f, values[f]])),
  };
}
