import i18next from "i18next";
import { ProblemError } from "../../api/problem";

/** refused waits for a change of roles; why it was refused is said in the user's language, by the constraint that it broke. */
export async function refused<T>(change: Promise<T>): Promise<T> {
  try {
    return await change;
  } catch (error) {
    throw error instanceof ProblemError ? new ProblemError(inWords(error.problem)) : error;
  }
}

function inWords(problem: ProblemError["problem"]): ProblemError["problem"] {
  const keys = [`roles:refused.${problem.code}_${problem.constraint ?? ""}`, `roles:refused.${problem.code}`];
  const key = keys.find((k) => i18next.exists(k)) as "roles:refused.role_in_use" | undefined;
  return key === undefined ? problem : { ...problem, detail: i18next.t(key) };
}
