import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { named } from "../../i18n/named";
import { isHeld, rightsOf, singly } from "./rights";
import type { Choices } from "../../parts/choices";
import { useMay, userSchoolsQuery, type Right, type Role, type User } from "./user";

/** useWhy says why the user has a right or has it not, what will be once it is saved, and at which schools it holds. */
export function useWhy(user: User, roles: readonly Role[], choices: Choices): (right: Right) => string {
  const { t } = useTranslation("user");
  const before = singly(user);
  const byRoles = rightsOf(roles, user.roles);
  const where = useWhere(user);

  const reason = ({ id }: Right): string => {
    const choice = choices.get(id);
    const saved = choice === before.get(id);
    if (choice === "deny") return t(saved ? "why.denied" : "why.willBeDenied");
    if (choice === "grant" && !saved) return t("why.willBeGranted");
    if (choice === "grant") {
      const by = user.granted?.find((g) => g.right === id)?.approvedBy;
      return by ? t("why.agreed", { by }) : t("why.granted");
    }
    const from = roles.filter((r) => user.roles.includes(r.id) && r.rights.includes(id)).map(named);
    const said = from.length > 0 ? t("why.role", { count: from.length, roles: from.join(", ") }) : "";
    return saved
      ? said
      : `${t(before.get(id) === "grant" ? "why.noLongerGranted" : "why.noLongerDenied")} ${said}`.trim();
  };

  return (right) => {
    const said = [reason(right)];
    if (right.id === "users.manage") said.push(t("why.roleOnly"));
    if (right.sensitive) said.push(t("why.sensitive"));
    if (right.perSchool && isHeld(right.id, byRoles, choices)) said.push(where);
    return said.filter((s) => s !== "").join(" ");
  };
}

/** useWhere says at which schools rights hold that hold at the user's schools. */
function useWhere(user: User): string {
  const { t } = useTranslation("user");
  const may = useMay("users.view");
  const { data } = useQuery({ ...userSchoolsQuery(user.id), enabled: may });
  if (!data) return t("why.perSchool");
  if (data.all) return t("why.allSchools");
  const open = data.schools.filter((s) => !s.closed).length;
  return open === 0 ? t("why.noSchool") : t("why.schools", { count: open });
}
