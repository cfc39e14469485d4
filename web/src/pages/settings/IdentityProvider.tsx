import { Code, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { ProblemError } from "../../api/problem";
import { useSession } from "../../api/session";
import { Confirm } from "../../parts/Confirm";
import { SecretField, TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import type { Values } from "../../parts/formValues";
import { Later } from "../../parts/Later";
import { LongTextField, SelectField, TickField } from "../../parts/moreFields";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import shell from "../../shell/Shell.module.css";
import { providerQuery } from "./queries";

type Answer = Schemas["ProviderAnswerBody"];

/** IdentityProvider is where users of the organisation can sign in with an identity that they have elsewhere. */
export function IdentityProvider() {
  const { t } = useTranslation("settings");
  const provider = useQuery(providerQuery);
  const [removals, setRemovals] = useState(0); // after one, the form begins anew
  return (
    <Page title={t("provider.title")} place={useSession().organisation?.name}>
      <Text>{t("provider.text")}</Text>
      <Later query={provider}>
        {(found) => (
          <div className={shell.narrow}>
            <There callback={found.callbackUrl} />
            <Here key={removals} found={found} />
            {found.provider && (
              <Remove
                onRemoved={() => {
                  setRemovals(removals + 1);
                }}
              />
            )}
          </div>
        )}
      </Later>
    </Page>
  );
}

/** There is what has to be entered at the provider. */
function There({ callback }: { callback: string }) {
  const { t } = useTranslation("settings");
  return (
    <section>
      <Title order={2} size="h3" mb="xs">
        {t("provider.there")}
      </Title>
      <Text mb="xs">{t("provider.thereText")}</Text>
      <dl className={shell.facts}>
        <div>
          <dt>{t("provider.callback")}</dt>
          <dd>
            <Code>{callback}</Code>
          </dd>
        </div>
        <div>
          <dt>{t("provider.flow")}</dt>
          <dd>{t("provider.flowValue")}</dd>
        </div>
        <div>
          <dt>{t("provider.scopes")}</dt>
          <dd>
            <Code>openid profile email</Code>
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** bodyOf is what the API is sent; an empty secret leaves the one there is. */
function bodyOf(values: Values) {
  const { label = "", issuer = "", clientId = "", clientSecret = "", claim = "", match, domains = "" } = values;
  const secret = values["public"] === "on" ? "" : clientSecret;
  return {
    label,
    issuer: issuer.trim(),
    clientId,
    claim,
    match: match === "email" ? ("email" as const) : ("username" as const),
    domains: domains.split(/[\s,;]+/).filter((d) => d !== ""),
    ...((secret !== "" || values["public"] === "on") && { clientSecret: secret }),
  };
}

/** silent tells whether something did not answer: most likely the provider, whose address may be mistyped. */
const silent = (error: unknown): boolean => error instanceof ProblemError && error.problem.code === "unavailable";

const atIssuer = (message: string) =>
  new ProblemError({ code: "invalid", errors: [{ location: "body.issuer", code: "provider_silent", message }] });

/** Here is what has to be entered of the provider. */
function Here({ found }: { found: Answer }) {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const p = found.provider;
  return (
    <section>
      <Title order={2} size="h3" mb="md">
        {t("provider.here")}
      </Title>
      <Form
        submit={t("provider.save")}
        onSubmit={async (values) => {
          try {
            const after = await answer(api.PUT("/api/v1/identity-provider", { body: bodyOf(values) }));
            client.setQueryData(providerQuery.queryKey, after);
            tell(t("provider.saved"));
          } catch (error) {
            throw silent(error) ? atIssuer(t("provider.silent")) : error;
          }
        }}
      >
        <TextField
          name="label"
          label={t("provider.label")}
          description={t("provider.labelHint")}
          defaultValue={p?.label}
          required
          autoComplete="off"
        />
        <TextField
          name="issuer"
          label={t("provider.issuer")}
          description={t("provider.issuerHint")}
          defaultValue={p?.issuer}
          type="url"
          required
          autoComplete="off"
        />
        <TextField
          name="clientId"
          label={t("provider.clientId")}
          defaultValue={p?.clientId}
          required
          autoComplete="off"
        />
        <SecretField
          name="clientSecret"
          label={t("provider.secret")}
          description={t(p?.clientSecretSet ? "provider.secretKept" : "provider.secretHint")}
          autoComplete="off"
        />
        {p?.clientSecretSet && (
          <TickField name="public" label={t("provider.public")} description={t("provider.publicHint")} />
        )}
        <TextField
          name="claim"
          label={t("provider.claim")}
          description={t("provider.claimHint")}
          defaultValue={p?.claim ?? "preferred_username"}
          required
          autoComplete="off"
        />
        <SelectField
          name="match"
          label={t("provider.match")}
          defaultValue={p?.match ?? "username"}
          options={[
            { value: "username", label: t("provider.matchUsername") },
            { value: "email", label: t("provider.matchEmail") },
          ]}
        />
        <LongTextField
          name="domains"
          label={t("provider.domains")}
          description={t("provider.domainsHint")}
          defaultValue={p?.domains.join("\n")}
        />
      </Form>
    </section>
  );
}

function Remove({ onRemoved }: { onRemoved: () => void }) {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  return (
    <Confirm
      button={t("provider.remove")}
      title={t("provider.remove")}
      effect={t("provider.removeText")}
      onConfirm={async () => {
        await answer(api.DELETE("/api/v1/identity-provider"));
        await client.invalidateQueries({ queryKey: providerQuery.queryKey });
        onRemoved();
        tell(t("provider.removed"));
      }}
    />
  );
}
