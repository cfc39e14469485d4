import { Group, NativeSelect, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { chooseLanguage, languageNames, languages, type Language } from "../i18n";
import classes from "./Shell.module.css";

/** Footer is where language and brightness are chosen; both are kept in this browser. */
export function Footer() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <footer className={classes.footer}>
      <Group gap="md">
        <NativeSelect
          label={t("footer.language")}
          value={i18n.language}
          onChange={(event) => {
            chooseLanguage(event.currentTarget.value as Language);
          }}
          data={languages.map((l) => ({ value: l, label: languageNames[l] }))}
        />
        <NativeSelect
          label={t("footer.brightness")}
          value={colorScheme}
          onChange={(event) => {
            setColorScheme(event.currentTarget.value as MantineColorScheme);
          }}
          data={[
            { value: "auto", label: t("footer.auto") },
            { value: "light", label: t("footer.light") },
            { value: "dark", label: t("footer.dark") },
          ]}
        />
      </Group>
    </footer>
  );
}
