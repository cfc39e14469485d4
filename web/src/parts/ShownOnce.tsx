import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./ShownOnce.module.css";

/** ShownOnce shows secrets that nobody can be shown again, with ways to keep them. It is gone with the page. */
export function ShownOnce({ title, hint, secrets }: { title: string; hint: string; secrets: readonly string[] }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(secrets.join("\n"));
    setCopied(true);
  };
  return (
    <Alert color="yellow" title={title} className={classes.slip}>
      <Stack gap="sm">
        <Text inherit>{hint}</Text>
        <ul className={classes.secrets}>
          {secrets.map((secret) => (
            <li key={secret}>
              <Code fz="md">{secret}</Code>
            </li>
          ))}
        </ul>
        <Group className={classes.buttons}>
          <Button variant="default" onClick={() => void copy()}>
            {t("once.copy")}
          </Button>
          <Button
            variant="default"
            onClick={() => {
              print();
            }}
          >
            {t("once.print")}
          </Button>
          <span role="status">{copied && t("once.copied")}</span>
        </Group>
      </Stack>
    </Alert>
  );
}
