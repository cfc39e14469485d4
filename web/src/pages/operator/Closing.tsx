import { Button, Text, Title } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { answer, api } from "../../api/client";
import { Question } from "../../parts/Confirm";
import { TextField } from "../../parts/fields";
import { tell } from "../../parts/tell";
import { moment } from "../../parts/time";
import { forgetOrganisation, type Organisation } from "./organisations";

/** Closing ends all access to an organisation. Who means it types its short name. */
export function Closing({ organisation: { id, slug, name, version } }: { organisation: Organisation }) {
  const { t } = useTranslation("operator");
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Title order={2} mt="xl">
        {t("close.title")}
      </Title>
      <Text my="sm">{t("close.text")}</Text>
      <Button
        variant="default"
        onClick={() => {
          setAsked(true);
        }}
      >
        {t("close.ask")}
      </Button>
      {asked && (
        <Question
          title={t("close.question", { name })}
          button={t("close.button")}
          color="red"
          effect={t("close.effect")}
          onClose={() => {
            setAsked(false);
          }}
          onConfirm={async ({ confirm = "" }) => {
            const params = {
              path: { id },
              query: { confirm: confirm.trim() },
              header: { "If-Match": `"${version}"` },
            };
            const closed = await answer(api.DELETE("/api/v1/operator/organisations/{id}", { params }));
            await navigate("..", { relative: "path" });
            forgetOrganisation(client, id);
            tell(t("close.done", { name, until: moment(closed.eraseAt) }));
          }}
        >
          <TextField name="confirm" label={t("close.confirm", { slug })} required autoComplete="off" />
        </Question>
      )}
    </>
  );
}
