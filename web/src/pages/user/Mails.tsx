import { List, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { Page } from "../../parts/Page";
import classes from "../../shell/Shell.module.css";
import { nameOf, useUser } from "./user";

/** Mails are the general mails that the user wants: to be looked at only, for they are the user's own choice. */
export function Mails() {
  const { t } = useTranslation("user");
  const user = useUser();
  const { news, newsletter, digest } = user.communications;
  const wanted = [
    { label: t("mails.news"), on: news },
    { label: t("mails.newsletter"), on: newsletter },
    ...(user.admin ? [{ label: t("mails.digest"), on: digest }] : []),
  ];
  return (
    <Page title={t("mails.title", { name: nameOf(user) })} place={useSession().organisation?.name}>
      <Text className={classes.narrow}>{t("mails.text", { email: user.email })}</Text>
      {user.undeliverable && <Text c="red">{t("mails.undeliverable")}</Text>}
      <List>
        {wanted.map(({ label, on }) => (
          <List.Item key={label}>
            {label}: <b>{t(on ? "mails.wanted" : "mails.declined")}</b>
          </List.Item>
        ))}
      </List>
      <Text>{t("mails.own")}</Text>
    </Page>
  );
}
