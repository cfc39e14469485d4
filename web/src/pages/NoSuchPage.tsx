import { Anchor, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { Page } from "../parts/Page";
import classes from "../shell/Shell.module.css";

export function NoSuchPage() {
  const { t } = useTranslation();
  const { slug } = useParams();
  const page = (
    <Page title={t("noSuchPage.title")}>
      <Text>{t("noSuchPage.text")}</Text>
      <Anchor component={Link} to={slug ? `/o/${slug}/home` : "/"} underline="always">
        {t("noSuchPage.home")}
      </Anchor>
    </Page>
  );
  return slug ? page : <main className={classes.entrance}>{page}</main>;
}
