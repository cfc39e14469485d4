import { useTranslation } from "react-i18next";
import { useSession } from "../../api/session";
import { named, namedBy } from "../../i18n/named";
import { languages, type Language } from "../../i18n";
import { areaOf } from "../../shell/places";
import type { Role } from "./queries";

/** useRolesTitle is what roles are called here. */
export function useRolesTitle(): { title: string; called: string | undefined } {
  const { t } = useTranslation("roles");
  const area = areaOf("roles", useSession());
  const called = area && named(area);
  return { title: called ?? t("title"), called };
}

/** useNameLanguages are the organisation's language, and the others that a role can have a name in. */
export function useNameLanguages(): { own: Language; others: Language[] } {
  const language = useSession().organisation?.language;
  const own = languages.find((l) => l === language) ?? "en";
  return { own, others: languages.filter((l) => l !== own) };
}

/** useConstraintTexts says what must hold of who has a role. */
export function useConstraintTexts(): (role: Role, roles: readonly Role[]) => string[] {
  const { t } = useTranslation("roles");
  return (role, roles) => {
    const c = role.constraints;
    const required = (c.requires ?? []).map((id) => namedBy(id, roles));
    return [
      ...(c.atLeastOne ? [t("constraint.atLeastOne")] : []),
      ...(c.atMostOne ? [t("constraint.atMostOne")] : []),
      ...required.map((name) => t("constraint.requires", { name })),
      ...(c.allSchools ? [t("constraint.allSchools")] : []),
      ...(c.grantedBy === "operator" ? [t("constraint.operator")] : []),
      ...(c.protected ? [t("constraint.protected")] : []),
      ...(role.entitled ? [] : [t("constraint.entitlement")]),
    ];
  };
}
