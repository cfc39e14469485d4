import { useTranslation } from "react-i18next";
import { useSession, type Session } from "../../api/session";
import { day } from "../../parts/time";
import type { Action } from "./act";
import { nameOf, type User } from "./users";

/** useEffectText says what an action will do to an account, by the organisation's settings. */
export function useEffectText(): (action: Action, user: User) => string {
  const { t } = useTranslation("users");
  const { userRules: rules } = useSession();
  const grace = useGrace();
  return (action, user) => {
    const facts = { name: nameOf(user), username: user.username, email: user.email };
    switch (action) {
      case "reset":
        return t(`effect.reset.${rules?.reset ?? "temporary"}`, facts);
      case "archive":
        if (!rules || rules.keepDays === 0) return t("effect.archiveForGood", facts);
        return t("effect.archive", { ...facts, count: rules.keepDays, day: day(keptUntil(rules)) });
      case "delete":
        return `${t("effect.delete", facts)} ${t(`effect.username.${rules?.usernameReuse ?? "never"}`, facts)}`;
      case "restore":
      case "reinstate":
        return [t(`effect.${action}`, facts), grace()].join(" ").trim();
      default:
        return t(`effect.${action}`, facts);
    }
  };
}

/** useGrace says how long an account is left alone that is open again; nothing where it is not. */
export function useGrace(): () => string {
  const { t } = useTranslation("users");
  const { userRules: rules } = useSession();
  return () => (rules && rules.graceDays > 0 ? t("grace", { count: rules.graceDays }) : "");
}

/** keptUntil is when an account would be deleted that is archived now. */
function keptUntil({ keepDays }: NonNullable<Session["userRules"]>): string {
  const until = new Date();
  until.setDate(until.getDate() + keepDays);
  return until.toISOString();
}
