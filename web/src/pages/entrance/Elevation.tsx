import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import type { Session } from "../../api/session";
import { SecretField } from "../../parts/fields";
import { Form } from "../../parts/Form";

/** Elevation opens the administration areas with the organisation's security code. */
export function Elevation({ onDone }: { onDone: (session: Session) => void }) {
  const { t } = useTranslation();
  return (
    <Form
      submit={t("elevation.submit")}
      onSubmit={async ({ securityCode = "" }) => {
        onDone(await answer(api.POST("/api/v1/session/elevate", { body: { securityCode } })));
      }}
    >
      <SecretField name="securityCode" label={t("elevation.code")} autoComplete="off" required />
    </Form>
  );
}
