import { Alert, Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { answer, api } from "../../api/client";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { NewPasswordFields } from "../../parts/NewPasswordFields";
import { Page } from "../../parts/Page";
import { entranceQuery } from "./entrance";

/** ByLink is where the link of a mail leads, to choose a new password. */
export function ByLink() {
  const { t } = useTranslation("entrance");
  const { slug = "" } = useParams();
  const [search] = useSearchParams();
  const entrance = useQuery(entranceQuery(slug));
  const navigate = useNavigate();
  const token = search.get("token") ?? "";
  return (
    <Page title={t("byLink.title")} place={entrance.data?.name}>
      {token === "" ? (
        <Alert color="red">{t("byLink.noToken")}</Alert>
      ) : (
        <Later query={entrance}>
          {(e) => (
            <Form
              submit={t("byLink.submit")}
              onSubmit={async ({ newPassword = "", repeatPassword = "" }) => {
                await answer(
                  api.POST("/api/v1/password-resets/confirm", { body: { token, newPassword, repeatPassword } }),
                );
                await navigate(`/o/${slug}`, { replace: true, state: { note: "chosen" } });
              }}
            >
              <Text>{t("byLink.text")}</Text>
              <NewPasswordFields rules={e.passwordRules} />
            </Form>
          )}
        </Later>
      )}
      <Anchor component={Link} to={`/o/${slug}/forgotten`} underline="always">
        {t("byLink.another")}
      </Anchor>
    </Page>
  );
}
