import { Anchor, Button, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { languageNames, languages } from "../../i18n";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import { Later } from "../../parts/Later";
import { SelectField, split, TicksField } from "../../parts/moreFields";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import { moment } from "../../parts/time";
import classes from "../../shell/Shell.module.css";
import { Closing } from "./Closing";
import { EnterSupport } from "./EnterSupport";
import { entitlementsOf, keepOrganisation, organisationQuery, type Organisation, type Preset } from "./organisations";

/** OneOrganisation is an organisation as the platform's operators see it: what it is, not who is in it. */
export function OneOrganisation() {
  const { t } = useTranslation("operator");
  const session = useSession();
  const { id = "" } = useParams();
  const found = useQuery(organisationQuery(id));
  return (
    <Page title={found.data?.name ?? t("one.title")} place={session.organisation?.name}>
      <Later query={found}>{(o) => <About organisation={o} own={o.slug === session.organisation?.slug} />}</Later>
      <Anchor component={Link} to=".." relative="path" underline="always">
        {t("one.all")}
      </Anchor>
    </Page>
  );
}

function About({ organisation, own }: { organisation: Organisation; own: boolean }) {
  const { t } = useTranslation("operator");
  const { rights } = useSession();
  return (
    <div className={classes.narrow}>
      <dl className={classes.facts}>
        <div>
          <dt>{t("list.slug")}</dt>
          <dd>{organisation.slug}</dd>
        </div>
        {!own && (
          <div>
            <dt>{t("list.preset")}</dt>
            <dd>{t(`preset.${organisation.preset as Preset}.name`)}</dd>
          </div>
        )}
        <div>
          <dt>{t("list.created")}</dt>
          <dd>{moment(organisation.createdAt)}</dd>
        </div>
      </dl>
      <Change organisation={organisation} />
      <Title order={2} mt="xl">
        {t("add.title")}
      </Title>
      <Text my="sm">{t("add.when")}</Text>
      <Button component={Link} to="administrators" relative="path" variant="default">
        {t("add.button")}
      </Button>
      {!own && rights.includes("support.enter") && <EnterSupport organisation={organisation} />}
      {!own && <Closing organisation={organisation} />}
    </div>
  );
}

const valuesOf = (o: Organisation): Values => ({
  name: o.name,
  language: o.language,
  entitlements: o.entitlements.join(","),
});

function Change({ organisation }: { organisation: Organisation }) {
  const { t } = useTranslation("operator");
  const client = useQueryClient();
  const offered = entitlementsOf(organisation.preset);
  return (
    <Form
      submit={t("one.save")}
      current={async () => {
        const now = await client.query({ ...organisationQuery(organisation.id), staleTime: 0 });
        return valuesOf(now);
      }}
      onSubmit={async ({ name = "", language = "", entitlements }) => {
        const params = { path: { id: organisation.id }, header: { "If-Match": `"${organisation.version}"` } };
        const body = {
          name,
          language,
          ...(entitlements === undefined ? {} : { entitlements: split(entitlements) }),
        };
        keepOrganisation(client, await answer(api.PATCH("/api/v1/operator/organisations/{id}", { params, body })));
        tell(t("one.saved"));
      }}
    >
      <TextField name="name" label={t("field.name")} defaultValue={organisation.name} required autoComplete="off" />
      <SelectField
        name="language"
        label={t("field.language")}
        description={t("field.languageHint")}
        defaultValue={organisation.language}
        options={languages.map((l) => ({ value: l, label: languageNames[l] }))}
      />
      {offered.length > 0 && (
        <TicksField
          name="entitlements"
          label={t("field.entitlements")}
          description={t("field.entitlementsHint")}
          defaultTicked={organisation.entitlements}
          options={offered.map((e) => ({ value: e, label: t(`entitlement.${e}`) }))}
        />
      )}
    </Form>
  );
}
