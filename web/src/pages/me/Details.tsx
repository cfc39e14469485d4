import { Anchor, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { answer, api, type Schemas } from "../../api/client";
import { sessionQuery, useAt, useSession } from "../../api/session";
import { languageNames, languages } from "../../i18n";
import { SelectField } from "../../parts/moreFields";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Helpers } from "../../parts/Helpers";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { useHelpers } from "../../parts/useHelpers";
import classes from "../../shell/Shell.module.css";
import { meQuery } from "../own";

type User = Schemas["UserBody"];

/** The details there can be, in the order in which they are shown. */
const fields = [
  "title",
  "givenName",
  "familyName",
  "email",
  "telephone",
  "mobile",
  "site",
  "staffId",
  "language",
] as const;
type Field = (typeof fields)[number];

const completion: Partial<Record<Field, string>> = {
  title: "honorific-prefix",
  givenName: "given-name",
  familyName: "family-name",
  email: "email",
  telephone: "tel",
};

/** Details are what is known of oneself. What the organisation keeps to its administrators can be read only. */
export function Details() {
  const { t } = useTranslation("me");
  const session = useSession();
  const me = useQuery(meQuery);
  return (
    <Page title={t("details.title")} place={session.organisation?.name}>
      <Later query={me}>{(user) => <About user={user} own={session.ownFields} />}</Later>
      <div>
        <Anchor component={Link} to={`/o/${session.organisation?.slug ?? ""}/agreement`} underline="always">
          {t("details.conditions")}
        </Anchor>
      </div>
    </Page>
  );
}

function About({ user, own }: { user: User; own: readonly string[] }) {
  const { t } = useTranslation("me");
  const mine = fields.filter((f) => own.includes(f));
  const theirs = fields.filter((f) => !own.includes(f) && (user[f] ?? "") !== "");
  return (
    <div className={classes.narrow}>
      <dl className={classes.facts}>
        <Fact label={t("details.username")} text={user.username} />
        {theirs.map((f) => (
          <Fact key={f} label={t(`field.${f}`)} text={user[f] ?? ""} />
        ))}
      </dl>
      {user.undeliverable && <Text c="red">{t("details.undeliverable")}</Text>}
      {mine.length > 0 ? <Change user={user} mine={mine} /> : <Kept />}
    </div>
  );
}

function Fact({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{text}</dd>
    </div>
  );
}

function Change({ user, mine }: { user: User; mine: readonly Field[] }) {
  const { t } = useTranslation("me");
  const client = useQueryClient();
  return (
    <Form
      submit={t("details.save")}
      done={t("details.saved")}
      current={async () => {
        const now = await client.query({ ...meQuery, staleTime: 0 });
        return Object.fromEntries(mine.map((f) => [f, now[f] ?? ""]));
      }}
      onSubmit={async (values) => {
        const params = { header: { "If-Match": `"${user.version}"` } };
        const body = Object.fromEntries(mine.filter((f) => values[f] !== (user[f] ?? "")).map((f) => [f, values[f]]));
        const after = await answer(api.PATCH("/api/v1/me", { params, body }));
        client.setQueryData(sessionQuery.queryKey, (s) => (s ? { ...s, user: after } : s));
        client.setQueryData(meQuery.queryKey, after);
      }}
    >
      {mine.map((f) => (
        <Field key={f} name={f} value={user[f] ?? ""} />
      ))}
    </Form>
  );
}

function Field({ name, value }: { name: Field; value: string }) {
  const { t } = useTranslation("me");
  const label = t(`field.${name}`);
  if (name === "language") {
    const choices = languages.map((l) => ({ value: l, label: languageNames[l] }));
    const options = [{ value: "", label: t("details.noLanguage") }, ...choices];
    return <SelectField name={name} label={label} defaultValue={value} options={options} />;
  }
  return (
    <TextField
      name={name}
      label={label}
      defaultValue={value}
      autoComplete={completion[name] ?? "off"}
      type={name === "email" ? "email" : "text"}
      required={name === "givenName" || name === "familyName" || name === "email"}
    />
  );
}

/** Kept says whom to ask where one may change nothing oneself. */
function Kept() {
  const { t } = useTranslation("me");
  const { user, rights } = useSession();
  const at = useAt();
  const helpers = useHelpers();
  return (
    <>
      <Text>{t("details.kept")}</Text>
      {rights.includes("users.manage") ? (
        <Anchor component={Link} to={at(`users/${user?.id ?? ""}`)} underline="always">
          {t("details.asAdministrator")}
        </Anchor>
      ) : (
        <Helpers contacts={helpers} />
      )}
    </>
  );
}
