import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import type { Session } from "../../api/session";
import { ActionButton } from "../../parts/ActionButton";
import { SecretField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { passkeysWork, showPasskey } from "../../parts/passkey";

/** Confirming asks who is signed in to show once more that it is still the same person. */
export function Confirming({ session, onDone }: { session: Session; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Form
        submit={t("confirming.submit")}
        onSubmit={async ({ password = "" }) => {
          await answer(api.POST("/api/v1/session/confirm", { body: { password } }));
          onDone();
        }}
      >
        <SecretField name="password" label={t("confirming.password")} autoComplete="current-password" required />
      </Form>
      {(session.user?.passkeys ?? 0) > 0 && passkeysWork && (
        <ActionButton
          label={t("confirming.passkey")}
          onAct={async () => {
            const { options } = await answer(api.POST("/api/v1/session/passkey/options"));
            await answer(api.POST("/api/v1/session/passkey", { body: { credential: await showPasskey(options) } }));
            onDone();
          }}
        />
      )}
    </>
  );
}
