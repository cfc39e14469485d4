import i18next from "i18next";
import type { FieldProblem, Problem } from "../api/problem";

/** loadAnswers fetches what is seldom said, so that pages need not wait for it; without it there are the API's own words. */
export async function loadAnswers(): Promise<void> {
  await i18next.loadNamespaces("answers").catch(() => undefined);
}

/** problemText says a problem in the user's language. */
export function problemText(problem: Problem): string {
  const minutes = Math.ceil((problem.retryAfter ?? 0) / 60);
  if (minutes > 0 && (problem.code === "locked" || problem.code === "too_many_requests")) {
    return i18next.t("problems:wait", { count: minutes });
  }
  const text = firstText([
    `problems:${problem.code}`,
    ...(problem.code === "role_constraint" ? [`answers:constraint.${problem.constraint ?? ""}`] : []),
    `answers:refused.${problem.code}`,
  ]);
  return text ?? problem.detail ?? i18next.t("problems:internal");
}

/** fieldText says in the user's language what is wrong with a field. */
export function fieldText(broken: FieldProblem): string {
  return firstText([`answers:field.${broken.code}`], broken.params) ?? sentence(broken.message);
}

/** firstText is the first of the texts that is there: which there are is tested beside the API. */
function firstText(keys: string[], params: Record<string, string> = {}): string | undefined {
  const say = i18next.t as (key: string, params: Record<string, string>) => string;
  const found = keys.filter((key) => i18next.exists(key));
  return found[0] === undefined ? undefined : say(found[0], params);
}

/** sentence makes a message that begins like "must be …" readable by itself. */
function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1) + (/[.!?]$/.test(message) ? "" : ".");
}
