import i18next from "i18next";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/problem";
import { namedBy } from "../../i18n/named";
import type { Right, Role } from "./user";

/**
 * useExplained waits for a change of roles or rights. Where a role's constraint stands in the way, that is said in words at the
 * field that is named.
 */
export function useExplained(roles: readonly Role[], catalogue: readonly Right[]) {
  const { t } = useTranslation("user");
  return async <T>(field: string, change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { code, constraint = "", role, right, detail } = error.problem;
      if (code !== "role_constraint" && code !== "last_administrator") throw error;
      const key = `constraint.${constraint}` as "constraint.atMostOne"; // one that there is, for the compiler
      const names = {
        role: namedBy(role ?? "", roles),
        right: namedBy(right ?? "", catalogue),
      };
      const told = role !== undefined && i18next.exists(`user:${key}`);
      const message = told ? t(key, names) : (detail ?? code);
      throw new ProblemError({ ...error.problem, errors: [{ location: `body.${field}`, message, code }] });
    }
  };
}
