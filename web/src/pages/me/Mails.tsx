import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "../../api/client";
import { useSession } from "../../api/session";
import { TickField } from "../../parts/moreFields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { Page } from "../../parts/Page";
import classes from "../../shell/Shell.module.css";
import { communicationsQuery } from "../own";

/** Mails is where general mails are ordered and declined; those about the account always come. */
export function Mails() {
  const { t } = useTranslation("me");
  const session = useSession();
  const wanted = useQuery(communicationsQuery);
  return (
    <Page title={t("mails.title")} place={session.organisation?.name}>
      <Text>{t("mails.always", { email: session.user?.email ?? "" })}</Text>
      <Later query={wanted}>{(w) => <Choice wanted={w} administrator={session.user?.admin ?? false} />}</Later>
    </Page>
  );
}

function Choice({ wanted, administrator }: { wanted: Schemas["CommunicationsBody"]; administrator: boolean }) {
  const { t } = useTranslation("me");
  const client = useQueryClient();
  return (
    <div className={classes.narrow}>
      <Form
        submit={t("mails.save")}
        done={t("mails.done")}
        onSubmit={async ({ news, newsletter, digest }) => {
          const body = {
            news: news === "on",
            newsletter: newsletter === "on",
            ...(administrator && { digest: digest === "on" }),
          };
          client.setQueryData(
            communicationsQuery.queryKey,
            await answer(api.PUT("/api/v1/me/communications", { body })),
          );
        }}
      >
        <TickField name="news" label={t("mails.news")} description={t("mails.newsHint")} defaultChecked={wanted.news} />
        <TickField name="newsletter" label={t("mails.newsletter")} defaultChecked={wanted.newsletter} />
        {administrator && (
          <TickField
            name="digest"
            label={t("mails.digest")}
            description={t("mails.digestHint")}
            defaultChecked={wanted.digest}
          />
        )}
      </Form>
    </div>
  );
}
