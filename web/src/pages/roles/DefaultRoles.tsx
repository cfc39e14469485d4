import { Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { named } from "../../i18n/named";
import { Form } from "../../parts/Form";
import { split } from "../../parts/formValues";
import { Later } from "../../parts/Later";
import { TicksField } from "../../parts/moreFields";
import { tell } from "../../parts/tell";
import { settingsQuery } from "../settings/queries";
import type { Role } from "./queries";

type Settings = Schemas["SettingsAnswerBody"];

/** DefaultRoles are those that new users are given. They are one of the settings, and only asked for here. */
export function DefaultRoles({ roles }: { roles: readonly Role[] }) {
  const { t } = useTranslation("roles");
  const settings = useQuery(settingsQuery);
  return (
    <section>
      <Title order={2} mb="xs">
        {t("default.title")}
      </Title>
      <Text mb="md">{t("default.text")}</Text>
      <Later query={settings}>{(found) => <Choice settings={found} roles={roles} />}</Later>
    </section>
  );
}

function Choice({ settings, roles }: { settings: Settings; roles: readonly Role[] }) {
  const { t } = useTranslation("roles");
  const client = useQueryClient();
  const [base, setBase] = useState(settings);
  return (
    <Form
      submit={t("default.submit")}
      current={async () => {
        const now = await client.query({ ...settingsQuery, staleTime: 0 });
        setBase(now);
        return { defaultRoles: (now.policy.users.defaultRoles ?? []).join(",") };
      }}
      onSubmit={async (values) => {
        const users = { ...base.policy.users, defaultRoles: split(values["defaultRoles"]) };
        const call = api.PUT("/api/v1/settings", {
          params: { header: { "If-Match": `"${base.version}"` } },
          body: { policy: { ...base.policy, users } },
        });
        const after = await answer(call);
        setBase(after);
        client.setQueryData(settingsQuery.queryKey, after);
        tell(t("default.saved"));
      }}
    >
      <TicksField
        name="defaultRoles"
        label={t("default.label")}
        options={roles.map((r) => ({ value: r.id, label: named(r) }))}
        defaultTicked={base.policy.users.defaultRoles ?? []}
      />
    </Form>
  );
}
