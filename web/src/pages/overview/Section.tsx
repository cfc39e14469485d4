import { Text, Title } from "@mantine/core";
import { useId, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Overview.module.css";

/** Section is a part of the overview under a heading of its own. */
export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={classes.section}>
      <Title order={2} size="h3" id={id} mb="xs">
        {title}
      </Title>
      {text && <Text mb="xs">{text}</Text>}
      {children}
    </section>
  );
}

/** Figures is the table of what a chart shows, for who would rather read it. */
export function Figures({ of, children }: { of: string; children: ReactNode }) {
  const { t } = useTranslation("overview");
  return (
    <details className={classes.figures}>
      <summary>
        {t("table")}
        <span className={classes.of}>: {of}</span>
      </summary>
      {children}
    </details>
  );
}
