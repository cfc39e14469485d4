import { Alert, Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { answer, api } from "../../api/client";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Helpers } from "../../parts/Helpers";
import { Page } from "../../parts/Page";
import { entranceQuery } from "./entrance";

/** Forgotten has a link mailed. It says the same whether there is such an account or not. */
export function Forgotten() {
  const { t } = useTranslation("entrance");
  const { slug = "" } = useParams();
  const { data } = useQuery(entranceQuery(slug));
  const [sent, setSent] = useState(false);
  return (
    <Page title={t("forgotten.title")} place={data?.name}>
      {sent ? (
        <Alert color="green" role="status">
          {t("forgotten.sent")}
        </Alert>
      ) : (
        <Form
          submit={t("forgotten.submit")}
          onSubmit={async ({ who = "" }) => {
            const body = { organisation: slug, ...(who.includes("@") ? { email: who } : { username: who }) };
            await answer(api.POST("/api/v1/password-resets", { body }));
            setSent(true);
          }}
        >
          <Text>{t("forgotten.text")}</Text>
          <TextField name="who" label={t("forgotten.who")} autoComplete="username" required />
        </Form>
      )}
      {data && <Helpers contacts={data.contacts} customerService={data.customerService} />}
      <Anchor component={Link} to={`/o/${slug}`} underline="always">
        {t("back")}
      </Anchor>
    </Page>
  );
}
