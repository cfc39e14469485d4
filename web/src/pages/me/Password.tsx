import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { SecretField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { NewPasswordFields } from "../../parts/NewPasswordFields";
import { Page } from "../../parts/Page";
import classes from "../../shell/Shell.module.css";
import { rulesQuery } from "../own";

/** Password changes one's own. Who came by an identity provider has none here. */
export function Password() {
  const { t } = useTranslation("me");
  const session = useSession();
  const rules = useQuery(rulesQuery);
  const [changed, setChanged] = useState(0);
  return (
    <Page title={t("password.title")} place={session.organisation?.name}>
      {session.method === "federated" ? (
        <Text>{t("password.elsewhere")}</Text>
      ) : (
        <div className={classes.narrow}>
          <Later query={rules}>
            {(r) => (
              <Form
                submit={t("password.submit")}
                done={t("password.done")}
                clear
                onSubmit={async ({ currentPassword = "", newPassword = "", repeatPassword = "" }) => {
                  const body = { currentPassword, newPassword, repeatPassword };
                  await answer(api.PUT("/api/v1/me/password", { body }));
                  setChanged(changed + 1);
                }}
              >
                <Text>{t("password.text")}</Text>
                <SecretField
                  name="currentPassword"
                  label={t("password.current")}
                  autoComplete="current-password"
                  required
                />
                <NewPasswordFields key={changed} rules={r.rules} />
              </Form>
            )}
          </Later>
        </div>
      )}
    </Page>
  );
}
