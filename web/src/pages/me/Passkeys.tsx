import { Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { Confirm } from "../../parts/Confirm";
import { DataTable, type Column } from "../../parts/DataTable";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { createPasskey, passkeysWork } from "../../parts/passkey";
import { day, moment } from "../../parts/time";
import { passkeysQuery } from "../own";
import type { PartProps } from "./SecondStep";

type Passkey = Schemas["PasskeyBody"];

export function Passkeys({ onChange }: PartProps) {
  const { t } = useTranslation("me");
  const passkeys = useQuery(passkeysQuery);
  const columns: Column<Passkey>[] = [
    { key: "name", label: t("passkeys.name"), cell: (p) => p.name },
    { key: "created", label: t("passkeys.created"), cell: (p) => day(p.createdAt) },
    {
      key: "used",
      label: t("passkeys.used"),
      cell: (p) => (p.lastUsedAt ? moment(p.lastUsedAt) : t("passkeys.never")),
    },
    { key: "remove", label: "", cell: (p) => <Remove passkey={p} onChange={onChange} /> },
  ];
  return (
    <section aria-labelledby="passkeys">
      <Title order={2} id="passkeys">
        {t("passkeys.title")}
      </Title>
      <Text my="sm">{t("passkeys.text")}</Text>
      <Later query={passkeys}>
        {({ items }) => (
          <DataTable
            caption={t("passkeys.caption")}
            columns={columns}
            rows={items}
            rowKey={(p) => p.id}
            empty={t("passkeys.none")}
          />
        )}
      </Later>
      {passkeysWork ? <Add onChange={onChange} /> : <Text>{t("passkeys.unable")}</Text>}
    </section>
  );
}

function Add({ onChange }: PartProps) {
  const { t } = useTranslation("me");
  return (
    <Form
      submit={t("passkeys.add")}
      clear
      done={t("passkeys.added")}
      onSubmit={async ({ passkeyName = "" }) => {
        const { options } = await answer(api.POST("/api/v1/me/passkeys/options"));
        const credential = await createPasskey(options);
        const body = { name: passkeyName, credential };
        const { recoveryCodes } = await answer(api.POST("/api/v1/me/passkeys", { body }));
        await onChange(recoveryCodes);
      }}
    >
      <TextField
        name="passkeyName"
        label={t("passkeys.newName")}
        description={t("passkeys.newHint")}
        autoComplete="off"
        required
      />
    </Form>
  );
}

function Remove({ passkey, onChange }: PartProps & { passkey: Passkey }) {
  const { t } = useTranslation("me");
  return (
    <Confirm
      button={t("passkeys.remove")}
      about={passkey.name}
      title={t("passkeys.removeTitle", { name: passkey.name })}
      effect={t("passkeys.removeEffect")}
      onConfirm={async () => {
        await answer(api.DELETE("/api/v1/me/passkeys/{id}", { params: { path: { id: passkey.id } } }));
        await onChange();
      }}
    />
  );
}
