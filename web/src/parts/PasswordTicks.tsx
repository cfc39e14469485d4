import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";
import classes from "./PasswordTicks.module.css";
import { keeps, useRuleText } from "./passwordRules";

type Rule = Schemas["PasswordRule"];

/** PasswordTicks are the rules for passwords, each ticked while what is typed keeps it. */
export function PasswordTicks({
  rules,
  password,
  repeat,
}: {
  rules: readonly Rule[];
  password: string;
  repeat: string;
}) {
  const { t } = useTranslation();
  const text = useRuleText();
  const kept = rules.map((rule) => keeps(rule, password, repeat));
  return (
    <div>
      <ul className={classes.rules} aria-label={t("password.rules")}>
        {rules.map((rule, i) => (
          <li key={rule.id} data-kept={kept[i]}>
            <span aria-hidden="true" className={classes.mark}>
              {kept[i] ? "✓" : "○"}
            </span>
            {text(rule)}
            <VisuallyHidden>{kept[i] ? t("password.kept") : t("password.open")}</VisuallyHidden>
          </li>
        ))}
      </ul>
      <VisuallyHidden role="status">
        {password !== "" && t("password.count", { kept: kept.filter(Boolean).length, all: rules.length })}
      </VisuallyHidden>
    </div>
  );
}
