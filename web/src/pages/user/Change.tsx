import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { problemOf } from "../../api/problem";
import { useSession } from "../../api/session";
import { languageNames } from "../../i18n";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import { DateField, NumberField, SelectField } from "../../parts/moreFields";
import { tell } from "../../parts/tell";
import { day, endOfDay, lastDay } from "../../parts/time";
import shell from "../../shell/Shell.module.css";
import { useExplained } from "./constraints";
import { Fact } from "./Facts";
import { ifMatch, nameOf, rolesQuery, useKeepUser, userQuery, type User } from "./user";

/** The optional details there can be, in the order in which they are asked for; the organisation keeps some of them. */
const optional = ["title", "telephone", "mobile", "language", "site", "staffId", "verification"] as const;
const always = ["givenName", "familyName", "email"] as const;
type Detail = (typeof optional)[number] | (typeof always)[number];

/** valuesOf is what the form holds of a user. */
function valuesOf(user: User): Record<Detail | "endsAt" | "idleMinutes", string> {
  return {
    title: user.title ?? "",
    givenName: user.givenName,
    familyName: user.familyName,
    email: user.email,
    telephone: user.telephone ?? "",
    mobile: user.mobile ?? "",
    language: user.language ?? "",
    site: user.site ?? "",
    staffId: user.staffId ?? "",
    verification: user.verification ?? "",
    endsAt: user.endsAt ? lastDay(user.endsAt) : "",
    idleMinutes: user.idleMinutes ? String(user.idleMinutes) : "",
  };
}

/** bodyOf is what differs from what the user is like now. */
function bodyOf(user: User, values: Values): Schemas["UserChangeBody"] {
  const was: Values = valuesOf(user);
  const changed = Object.entries(values).filter(([name, value]) => was[name] !== value);
  return Object.fromEntries(
    changed.map(([name, value]) => {
      if (name === "endsAt") return [name, value === "" ? "" : endOfDay(value)];
      return [name, name === "idleMinutes" ? Number(value) : value];
    }),
  );
}

/** sameDetails tells whether the form would hold the same of both. */
function sameDetails(a: User, b: User): boolean {
  const other: Values = valuesOf(b);
  return Object.entries(valuesOf(a)).every(([name, value]) => other[name] === value);
}

/** Change is where whoever may changes the details. */
export function Change({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const client = useQueryClient();
  const keep = useKeepUser();
  const roles = useQuery(rolesQuery);
  const explained = useExplained(roles.data?.items ?? [], []);
  /** What the form began with: what was read since by itself is not what whoever saves has seen. */
  const seen = useRef(user);
  const look = async () => (seen.current = await client.query({ ...userQuery(user.id), staleTime: 0 }));
  const send = (values: Values) => {
    const body = bodyOf(seen.current, values);
    return answer(api.PATCH("/api/v1/users/{id}", { ...ifMatch(user.id, seen.current.version), body }));
  };
  const change = async (values: Values): Promise<User> => {
    const before = seen.current;
    try {
      return await send(values);
    } catch (error) {
      if (problemOf(error).code !== "stale_version") throw error;
      // What was done elsewhere, such as signing in, is no reason to ask.
      if (!sameDetails(before, await look())) throw error;
      return send(values);
    }
  };
  return (
    <Form
      submit={t("details.save")}
      current={async () => valuesOf(await look())}
      onSubmit={async (values) => {
        const after = await explained("endsAt", change(values));
        seen.current = after;
        await keep(after);
        tell(t("details.saved", { name: nameOf(after) }));
      }}
    >
      <Fields user={user} />
    </Form>
  );
}

function Fields({ user }: { user: User }) {
  const { t } = useTranslation("user");
  const { t: label } = useTranslation("trail");
  const { userRules } = useSession();
  const values = valuesOf(user);
  const kept = optional.filter((f) => userRules?.fields.includes(f));
  const field = (name: Detail) => ({
    name,
    label: label(`detail.${name}`),
    defaultValue: values[name],
    required: always.some((f) => f === name) || (userRules?.required.includes(name) ?? false),
  });
  return (
    <>
      {kept.includes("title") && <TextField {...field("title")} />}
      <TextField {...field("givenName")} />
      <TextField {...field("familyName")} />
      <TextField {...field("email")} type="email" />
      {kept
        .filter((f) => f !== "title" && f !== "language")
        .map((f) => (
          <TextField key={f} {...field(f)} type={f === "telephone" || f === "mobile" ? "tel" : "text"} />
        ))}
      {kept.includes("language") && <Language {...field("language")} />}
      <DateField
        name="endsAt"
        label={label("detail.endsAt")}
        description={t("details.endsAtHint")}
        defaultValue={values.endsAt}
      />
      <NumberField
        name="idleMinutes"
        label={label("detail.idleMinutes")}
        description={t("details.idleHint")}
        defaultValue={values.idleMinutes}
      />
    </>
  );
}

function Language(field: { name: string; label: string; defaultValue: string; required: boolean }) {
  const { t } = useTranslation("user");
  const names = Object.entries(languageNames).map(([value, name]) => ({ value, label: name }));
  return <SelectField {...field} options={[{ value: "", label: t("details.noLanguage") }, ...names]} />;
}

/** Kept shows the details to who may not change them. */
export function Kept({ user }: { user: User }) {
  const { t: label } = useTranslation("trail");
  const values = valuesOf(user);
  const shown = [...always, ...optional].filter((f) => values[f] !== "");
  return (
    <dl className={shell.facts}>
      {shown.map((f) => (
        <Fact key={f} label={label(`detail.${f}`)}>
          {values[f]}
        </Fact>
      ))}
      {user.endsAt && <Fact label={label("detail.endsAt")}>{day(`${lastDay(user.endsAt)}T12:00:00`)}</Fact>}
    </dl>
  );
}
