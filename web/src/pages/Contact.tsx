import { Alert, Button, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../api/client";
import { useSession } from "../api/session";
import { named } from "../i18n/named";
import { TextField } from "../parts/fields";
import { LongTextField } from "../parts/moreFields";
import { Form } from "../parts/Form";
import { Helpers } from "../parts/Helpers";
import { Page } from "../parts/Page";
import { useHelpers } from "../parts/useHelpers";
import { areaOf } from "../shell/places";
import classes from "../shell/Shell.module.css";

/** Contact writes to customer service; whom to ask inside the organisation is said first. */
export function Contact() {
  const { t } = useTranslation("shell");
  const session = useSession();
  const helpers = useHelpers();
  const area = areaOf("contact", session);
  const [sent, setSent] = useState<string>();
  const [once, setOnce] = useState(() => crypto.randomUUID());
  return (
    <Page title={area ? named(area) : t("contact.title")} place={session.organisation?.name}>
      <Helpers contacts={helpers} />
      {sent === undefined ? (
        <div className={classes.narrow}>
          <Form
            submit={t("contact.submit")}
            onSubmit={async ({ subject = "", message = "" }) => {
              const params = { header: { "Idempotency-Key": once } }; // a second try does not send it twice
              const { id } = await answer(api.POST("/api/v1/contact", { params, body: { subject, message } }));
              setSent(id);
              setOnce(crypto.randomUUID());
            }}
          >
            <Text>{t("contact.text")}</Text>
            <TextField name="subject" label={t("contact.subject")} required />
            <LongTextField name="message" label={t("contact.message")} required />
          </Form>
        </div>
      ) : (
        <>
          <Alert color="green" role="status">
            {t("contact.sent", { id: sent, email: session.user?.email ?? "" })}
          </Alert>
          <div>
            <Button
              variant="default"
              onClick={() => {
                setSent(undefined);
              }}
            >
              {t("contact.another")}
            </Button>
          </div>
        </>
      )}
    </Page>
  );
}
