import { Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Values } from "../../parts/formValues";
import { settingsOf, type GroupName } from "./description";
import classes from "./Rules.module.css";
import { SettingField } from "./SettingField";

interface GroupProps {
  group: GroupName;
  values: Values;
  roles: ReadonlyMap<string, string>;
}

/** Group is a part of the policy with its fields. */
export function Group({ group, values, roles }: GroupProps) {
  const { t, i18n } = useTranslation("settings");
  const text = `group.${group}.text`;
  return (
    <section className={classes.group} aria-labelledby={group}>
      <Title order={2} size="h3" id={group} tabIndex={-1} mb="xs">
        {t(`group.${group}.title`)}
      </Title>
      {i18n.exists(text, { ns: "settings" }) && <Text mb="md">{t(text as "group.users.text")}</Text>}
      <div className={classes.fields}>
        {settingsOf(group).map((name) => (
          <SettingField key={name} name={name} value={values[name] ?? ""} roles={roles} />
        ))}
      </div>
    </section>
  );
}
