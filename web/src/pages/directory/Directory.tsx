import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useSession } from "../../api/session";
import { named } from "../../i18n/named";
import { Page } from "../../parts/Page";
import { areaOf } from "../../shell/places";
import classes from "../../shell/Shell.module.css";
import { Others } from "./Others";
import { People } from "./People";

/**
 * Directory shows users of another organisation, to write to them. What is looked for is in the address, so that it can be kept,
 * and the browser leads back to what was chosen from.
 */
export function Directory() {
  const { t } = useTranslation("directory");
  const session = useSession();
  const area = areaOf("directory", session);
  const [asked] = useSearchParams();
  const slug = asked.get("organisation") ?? "";
  return (
    <Page title={area ? named(area) : t("title")} place={session.organisation?.name}>
      <Text className={classes.narrow}>{t("text")}</Text>
      {slug === "" ? <Others q={asked.get("name") ?? ""} /> : <People slug={slug} q={asked.get("q") ?? ""} />}
    </Page>
  );
}
