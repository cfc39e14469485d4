import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "../../shell/Shell.module.css";

/** AgreementText is the conditions of use as people see them: in brief, and in full for who wants to read them. */
export function AgreementText({ short, long }: { short: string | undefined; long: string | undefined }) {
  const { t } = useTranslation("entrance");
  return (
    <>
      <Text className={classes.agreement}>{short}</Text>
      {long && (
        <details className={classes.long}>
          <summary>{t("challenge.agreement.long")}</summary>
          <Text className={classes.agreement} mt="xs">
            {long}
          </Text>
        </details>
      )}
    </>
  );
}
