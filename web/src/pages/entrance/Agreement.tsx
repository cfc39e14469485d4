import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import type { Session } from "../../api/session";
import { ActionButton } from "../../parts/ActionButton";
import { Form } from "../../parts/Form";
import { AgreementText } from "./AgreementText";
import type { ChallengeBody } from "./Challenge";

/** Agreement puts the conditions of use before the user: in brief, and in full for who wants to read them. */
export function Agreement({ challenge, onDone }: { challenge: ChallengeBody; onDone: (session: Session) => void }) {
  const { t } = useTranslation("entrance");
  const decide = async (accepted: boolean) => {
    const body = { version: challenge.version, accepted };
    onDone(await answer(api.POST("/api/v1/session/agreement", { body })));
  };
  return (
    <Form
      submit={t("challenge.agreement.accept")}
      beside={<ActionButton label={t("challenge.agreement.refuse")} onAct={() => decide(false)} />}
      onSubmit={() => decide(true)}
    >
      <AgreementText short={challenge.short} long={challenge.long} />
      <Text>{t("challenge.agreement.effect")}</Text>
    </Form>
  );
}
