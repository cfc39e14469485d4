import { Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import type { Organisation } from "./organisations";

/** EnterSupport leads into an organisation that lets support in. One's own session here is over with it. */
export function EnterSupport({ organisation: { id, slug } }: { organisation: Organisation }) {
  const { t } = useTranslation("operator");
  return (
    <>
      <Title order={2} mt="xl">
        {t("support.title")}
      </Title>
      <Text my="sm">{t("support.text")}</Text>
      <Form
        submit={t("support.enter")}
        onSubmit={async ({ reason = "" }) => {
          await answer(
            api.POST("/api/v1/operator/organisations/{id}/support-session", {
              params: { path: { id } },
              body: { reason },
            }),
          );
          location.assign(`/o/${slug}/home`); // anew, so that nothing of one organisation is seen in the other
        }}
      >
        <TextField
          name="reason"
          label={t("support.reason")}
          description={t("support.reasonHint")}
          required
          autoComplete="off"
          maxLength={120}
        />
      </Form>
    </>
  );
}
