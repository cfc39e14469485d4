import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "../../api/client";
import { useSession } from "../../api/session";
import { TextField } from "../../parts/fields";
import { Form } from "../../parts/Form";
import { Later } from "../../parts/Later";
import { ChoiceField } from "../../parts/moreFields";
import { Page } from "../../parts/Page";
import { tell } from "../../parts/tell";
import shell from "../../shell/Shell.module.css";
import { primaryContactQuery } from "./queries";

/** PrimaryContact is the person whom the platform writes to about the organisation. */
export function PrimaryContact() {
  const { t } = useTranslation("settings");
  const session = useSession();
  const contact = useQuery(primaryContactQuery);
  const [sought, setSought] = useState("");
  return (
    <Page title={t("contact.title")} place={session.organisation?.name}>
      <Text>{t("contact.text")}</Text>
      <Later query={contact}>
        {(found) =>
          found ? (
            <div>
              <strong>{found.name}</strong>
              <br />
              {found.email}
              {found.telephone && (
                <>
                  <br />
                  {found.telephone}
                </>
              )}
            </div>
          ) : (
            <Text fw={600}>{t("contact.none")}</Text>
          )
        }
      </Later>
      {session.rights.includes("users.view") ? (
        <div className={shell.narrow}>
          <Form
            submit={t("contact.search")}
            onSubmit={async ({ q = "" }) => {
              await Promise.resolve();
              setSought(q.trim());
            }}
          >
            <TextField
              name="q"
              label={t("contact.find")}
              description={t("contact.findHint")}
              type="search"
              required
              autoComplete="off"
            />
          </Form>
          {sought !== "" && (
            <Found
              sought={sought}
              onDone={() => {
                setSought("");
              }}
            />
          )}
        </div>
      ) : (
        <Text>{t("contact.noRight")}</Text>
      )}
    </Page>
  );
}

/** Found are the users who go by a name, to choose from. */
function Found({ sought, onDone }: { sought: string; onDone: () => void }) {
  const { t } = useTranslation("settings");
  const client = useQueryClient();
  const users = useQuery({
    queryKey: ["own", "primaryContact", "sought", sought],
    queryFn: () => answer(api.GET("/api/v1/users", { params: { query: { q: sought, status: "active", limit: 20 } } })),
  });
  return (
    <Later query={users}>
      {({ items }) =>
        items.length === 0 ? (
          <Text role="status" mt="md">
            {t("contact.nobodyFound")}
          </Text>
        ) : (
          <Form
            key={sought}
            submit={t("contact.save")}
            onSubmit={async ({ user = "" }) => {
              const after = await answer(api.PUT("/api/v1/primary-contact", { body: { user } }));
              client.setQueryData(primaryContactQuery.queryKey, after);
              tell(t("contact.saved", { name: after.name }));
              onDone();
            }}
          >
            <ChoiceField
              name="user"
              label={t("contact.choose")}
              defaultValue={items[0]?.id ?? ""}
              options={items.map((u) => ({
                value: u.id,
                label: `${u.givenName} ${u.familyName}`,
                description: `${u.username}, ${u.email}`,
              }))}
            />
          </Form>
        )
      }
    </Later>
  );
}
