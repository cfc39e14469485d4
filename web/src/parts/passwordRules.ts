import { useTranslation } from "react-i18next";
import type { Schemas } from "../api/client";

type Rule = Schemas["PasswordRule"];

/** keeps tells whether a password keeps a rule; the rule without a pattern compares the two copies. */
export function keeps(rule: Rule, password: string, repeat: string): boolean {
  if (rule.pattern === undefined) return password !== "" && password === repeat;
  return password !== "" && new RegExp(rule.pattern).test(password);
}

/** shortest is the least length that a rule's pattern asks for. */
export function shortest(pattern: string | undefined): number {
  return Number(/\{(\d+),/.exec(pattern ?? "")?.[1] ?? 0);
}

/** punctuation are the characters, beside letters and digits, that a rule's pattern allows. */
export function punctuation(pattern: string | undefined): string {
  const allowed = /^\^\[A-Za-z0-9(.*)\]\*\$$/.exec(pattern ?? "")?.[1] ?? "";
  return allowed.replace(/\\(.)/g, "$1").split("").join(" ");
}

/** useRuleText says a rule in the user's language. */
export function useRuleText(): (rule: Rule) => string {
  const { t } = useTranslation();
  return (rule) =>
    t(`password.rule.${rule.id}`, { count: shortest(rule.pattern), characters: punctuation(rule.pattern) });
}
