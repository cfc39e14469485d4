import { Code, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import type { Session } from "../../api/session";
import { ActionButton } from "../../parts/ActionButton";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { NewPasswordFields } from "../../parts/NewPasswordFields";
import { createPasskey, passkeysWork, showPasskey } from "../../parts/passkey";
import classes from "../../shell/Shell.module.css";
import { Agreement } from "./Agreement";

export type ChallengeBody = Schemas["ChallengeBody"];

interface ChallengeProps {
  challenge: ChallengeBody;
  onDone: (session: Session) => void;
  /** onLeave gives up and signs out. */
  onLeave: () => Promise<void>;
}

/** Challenge is what has to be done before one is in. */
export function Challenge(props: ChallengeProps) {
  switch (props.challenge.kind) {
    case "newPassword":
      return <NewPassword {...props} />;
    case "totp":
    case "passkey":
      return <SecondStep {...props} />;
    case "totpSetup":
      return <SetUp {...props} />;
    case "agreement":
      return <Agreement {...props} />;
  }
}

function Leave({ onLeave }: Pick<ChallengeProps, "onLeave">) {
  const { t } = useTranslation();
  return <ActionButton label={t("cancel")} onAct={onLeave} />;
}

function NewPassword({ challenge, onDone, onLeave }: ChallengeProps) {
  const { t } = useTranslation("entrance");
  return (
    <Form
      submit={t("challenge.newPassword.submit")}
      beside={<Leave onLeave={onLeave} />}
      onSubmit={async ({ newPassword = "", repeatPassword = "" }) => {
        onDone(await answer(api.POST("/api/v1/session/password", { body: { newPassword, repeatPassword } })));
      }}
    >
      <Text>{t("challenge.newPassword.text")}</Text>
      <NewPasswordFields rules={challenge.rules ?? []} />
    </Form>
  );
}

function CodeForm({ onDone, onLeave, hint }: Omit<ChallengeProps, "challenge"> & { hint: string }) {
  const { t } = useTranslation("entrance");
  return (
    <Form
      submit={t("code.submit")}
      beside={<Leave onLeave={onLeave} />}
      onSubmit={async ({ code = "" }) => {
        onDone(await answer(api.POST("/api/v1/session/totp", { body: { code } })));
      }}
    >
      <TextField
        name="code"
        label={t("code.label")}
        description={hint}
        autoComplete="one-time-code"
        inputMode="text"
        required
      />
    </Form>
  );
}

function SecondStep({ challenge, onDone, onLeave }: ChallengeProps) {
  const { t } = useTranslation("entrance");
  const methods = challenge.methods ?? [];
  const byCode = methods.includes("totp") || methods.includes("recoveryCode");
  return (
    <>
      {methods.includes("passkey") && passkeysWork && (
        <ActionButton
          variant="filled"
          fullWidth
          label={t("challenge.passkey.use")}
          onAct={async () => {
            const { options } = await answer(api.POST("/api/v1/session/passkey/options"));
            const credential = await showPasskey(options);
            onDone(await answer(api.POST("/api/v1/session/passkey", { body: { credential } })));
          }}
        />
      )}
      {byCode && (
        <CodeForm
          onDone={onDone}
          onLeave={onLeave}
          hint={methods.includes("totp") ? t("code.app") : t("code.recovery")}
        />
      )}
      {!byCode && <Leave onLeave={onLeave} />}
    </>
  );
}

function SetUp({ challenge, onDone, onLeave }: ChallengeProps) {
  const { t } = useTranslation("entrance");
  return (
    <>
      <Text>{t("challenge.totpSetup.text")}</Text>
      <Picture qrCode={challenge.qrCode} secret={challenge.secret} />
      <CodeForm onDone={onDone} onLeave={onLeave} hint={t("code.first")} />
      {passkeysWork && (
        <ActionButton
          label={t("challenge.totpSetup.passkey")}
          onAct={async () => {
            const { options } = await answer(api.POST("/api/v1/me/passkeys/options"));
            const credential = await createPasskey(options);
            const name = t("challenge.totpSetup.passkeyName");
            const { recoveryCodes } = await answer(api.POST("/api/v1/me/passkeys", { body: { name, credential } }));
            onDone({ ...(await answer(api.GET("/api/v1/session"))), recoveryCodes });
          }}
        />
      )}
    </>
  );
}

/** Picture is what an authenticator app reads, and the same to be typed. */
export function Picture({ qrCode, secret = "" }: { qrCode: string | undefined; secret: string | undefined }) {
  const { t } = useTranslation("entrance");
  return (
    <>
      <img src={qrCode} alt={t("picture.alt")} className={classes.qr} />
      <Text>
        {t("picture.typed")} <Code>{secret.replace(/(.{4})(?=.)/g, "$1 ")}</Code>
      </Text>
    </>
  );
}
