import { Button, Stack, Text, Title } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { ActionButton } from "../../parts/ActionButton";
import { Confirm } from "../../parts/Confirm";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import { ShownOnce } from "../../parts/ShownOnce";
import classes from "../../shell/Shell.module.css";
import { Picture } from "../entrance/Challenge";
import { meQuery } from "../own";
import { Passkeys } from "./Passkeys";

type User = Schemas["UserBody"];

/** SecondStep is what one shows at the sign-in beside the password: an app, passkeys, and codes for when both are gone. */
export function SecondStep() {
  const { t } = useTranslation("me");
  const me = useQuery(meQuery);
  const session = useSession();
  const client = useQueryClient();
  const [codes, setCodes] = useState<readonly string[]>([]);
  const changed = async (made: readonly string[] = []) => {
    if (made.length > 0) setCodes(made);
    await client.invalidateQueries({ queryKey: ["own"] });
  };
  return (
    <Page title={t("second.title")} place={session.organisation?.name}>
      <Text className={classes.narrow}>{t("second.text")}</Text>
      {codes.length > 0 && <ShownOnce title={t("codes.title")} hint={t("codes.hint")} secrets={codes} />}
      <Later query={me}>
        {(user) => (
          <Stack gap="xl" className={classes.narrow}>
            <App user={user} onChange={changed} />
            <Passkeys onChange={changed} />
            {(user.totp || user.passkeys > 0) && <Codes user={user} onChange={changed} />}
          </Stack>
        )}
      </Later>
    </Page>
  );
}

export interface PartProps {
  onChange: (codes?: readonly string[]) => Promise<void>;
}

function App({ user, onChange }: PartProps & { user: User }) {
  const { t } = useTranslation("me");
  const [started, setStarted] = useState<Schemas["TOTPSecret"]>();
  return (
    <section aria-labelledby="app">
      <Title order={2} id="app">
        {t("app.title")}
      </Title>
      <Text my="sm">{user.totp ? t("app.there") : t("app.none")}</Text>
      {user.totp && (
        <Confirm
          button={t("app.remove")}
          title={t("app.removeTitle")}
          effect={t("app.removeEffect")}
          onConfirm={async () => {
            await answer(api.DELETE("/api/v1/me/totp"));
            await onChange();
          }}
        />
      )}
      {!user.totp && !started && (
        <ActionButton
          label={t("app.setUp")}
          onAct={async () => {
            setStarted(await answer(api.POST("/api/v1/me/totp")));
          }}
        />
      )}
      {!user.totp && started && (
        <SettingUp
          secret={started}
          onCancel={() => {
            setStarted(undefined);
          }}
          onDone={async (codes) => {
            setStarted(undefined);
            await onChange(codes);
          }}
        />
      )}
    </section>
  );
}

interface SettingUpProps {
  secret: Schemas["TOTPSecret"];
  onCancel: () => void;
  onDone: (codes: readonly string[]) => Promise<void>;
}

function SettingUp({ secret, onCancel, onDone }: SettingUpProps) {
  const { t } = useTranslation("me");
  return (
    <Form
      submit={t("app.confirm")}
      beside={
        <Button variant="default" onClick={onCancel}>
          {t("cancel")}
        </Button>
      }
      onSubmit={async ({ code = "" }) => {
        const { recoveryCodes } = await answer(api.POST("/api/v1/me/totp/confirm", { body: { code } }));
        await onDone(recoveryCodes);
      }}
    >
      <Text>{t("app.scan")}</Text>
      <Picture qrCode={secret.qrCode} secret={secret.secret} />
      <TextField name="code" label={t("app.code")} autoComplete="one-time-code" inputMode="numeric" required />
    </Form>
  );
}

function Codes({ user, onChange }: PartProps & { user: User }) {
  const { t } = useTranslation("me");
  return (
    <section aria-labelledby="codes">
      <Title order={2} id="codes">
        {t("codes.heading")}
      </Title>
      <Text my="sm">{t("codes.left", { count: user.recoveryCodes })}</Text>
      <Confirm
        button={t("codes.make")}
        title={t("codes.makeTitle")}
        effect={t("codes.makeEffect")}
        color="blue"
        onConfirm={async () => {
          const { recoveryCodes } = await answer(api.POST("/api/v1/me/recovery-codes"));
          await onChange(recoveryCodes);
        }}
      />
    </section>
  );
}
