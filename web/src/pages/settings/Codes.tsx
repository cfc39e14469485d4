import { Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { sessionQuery, useSession } from "../../api/session";
import { Confirm } from "../../parts/Confirm";
import { SecretField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import shell from "../../shell/Shell.module.css";
import { settingsQuery } from "./queries";

/** Codes are the secrets that the administrators of an organisation share. */
export function Codes() {
  const { t } = useTranslation("settings");
  const settings = useQuery(settingsQuery);
  return (
    <Page title={t("codes.title")} place={useSession().organisation?.name}>
      <Later query={settings}>
        {(found) => (
          <div className={shell.narrow}>
            <SecurityCode there={found.securityCodeSet} />
            <StandardCode found={found} />
          </div>
        )}
      </Later>
    </Page>
  );
}

/** useChanged has what depends on the codes read anew, and says what was done. */
function useChanged() {
  const client = useQueryClient();
  return async (text: string) => {
    await Promise.all([
      client.invalidateQueries({ queryKey: settingsQuery.queryKey }),
      client.invalidateQueries({ queryKey: sessionQuery.queryKey }),
    ]);
    tell(text);
  };
}

function SecurityCode({ there }: { there: boolean }) {
  const { t } = useTranslation("settings");
  const changed = useChanged();
  const put = (securityCode: string) => answer(api.PUT("/api/v1/security-code", { body: { securityCode } }));
  return (
    <>
      <Title order={2} size="h3" mb="xs">
        {t("codes.security")}
      </Title>
      <Text mb="xs">{t("codes.securityText")}</Text>
      <Text mb="xs" fw={600}>
        {t(there ? "codes.set" : "codes.unset")}
      </Text>
      <Form
        submit={t("codes.saveSecurity")}
        clear
        onSubmit={async ({ securityCode = "" }) => {
          await put(securityCode);
          await changed(t("codes.savedSecurity"));
        }}
      >
        <SecretField
          name="securityCode"
          label={t("codes.newSecurity")}
          description={t("codes.hint")}
          required
          autoComplete="off"
        />
      </Form>
      {there && (
        <Confirm
          button={t("codes.removeSecurity")}
          title={t("codes.removeSecurity")}
          effect={t("codes.removeSecurityText")}
          onConfirm={async () => {
            await put("");
            await changed(t("codes.removed"));
          }}
        />
      )}
    </>
  );
}

function StandardCode({ found }: { found: Schemas["SettingsAnswerBody"] }) {
  const { t } = useTranslation("settings");
  const changed = useChanged();
  const put = (standardCode: string) => answer(api.PUT("/api/v1/standard-code", { body: { standardCode } }));
  return (
    <>
      <Title order={2} size="h3" mt="xl" mb="xs">
        {t("codes.standard")}
      </Title>
      <Text mb="xs">{t("codes.standardText")}</Text>
      {found.policy.passwords.reset !== "standardCode" && <Text mb="xs">{t("codes.unused")}</Text>}
      <Text mb="xs" fw={600}>
        {t(found.standardCodeSet ? "codes.set" : "codes.unset")}
      </Text>
      <Form
        submit={t("codes.saveStandard")}
        clear
        onSubmit={async ({ standardCode = "" }) => {
          await put(standardCode);
          await changed(t("codes.savedStandard"));
        }}
      >
        <SecretField
          name="standardCode"
          label={t("codes.newStandard")}
          description={t("codes.standardHint")}
          required
          autoComplete="off"
        />
      </Form>
      {found.standardCodeSet && (
        <Confirm
          button={t("codes.removeStandard")}
          title={t("codes.removeStandard")}
          effect={t("codes.removeStandardText")}
          onConfirm={async () => {
            await put("");
            await changed(t("codes.removed"));
          }}
        />
      )}
    </>
  );
}
