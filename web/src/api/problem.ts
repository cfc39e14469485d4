import type { components } from "./schema";

/** Problem is what the API answers when something cannot be done; "connection" and "interrupted" are our own. */
export type Problem = Partial<Omit<components["schemas"]["Problem"], "code">> & {
  code: components["schemas"]["Problem"]["code"] | "connection" | "interrupted" | "passkey";
};

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.code);
    this.name = "ProblemError";
  }
}

/** problemOf is what to tell the user about an error of any kind. */
export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : { code: "internal" };
}

/** fieldOf is the form's field that a location such as "body.email" or "body.schools[0].id" speaks of. */
export function fieldOf(location: string): string {
  return /^(?:body|query|header)\.([A-Za-z0-9-]+)/.exec(location)?.[1] ?? "";
}

/** What is wrong with which field, where the problem's code alone says it. */
const fieldsOfCodes: Partial<Record<Problem["code"], readonly string[]>> = {
  wrong_password: ["currentPassword", "password"],
  wrong_code: ["code"],
  wrong_security_code: ["securityCode"],
};

/** fieldErrors are the messages of a problem by field. Those of no field of the form are in "". */
export function fieldErrors(problem: Problem, fields: Iterable<string>, text: string): Record<string, string> {
  const known = new Set(fields);
  const found: Record<string, string> = {};
  const meant = fieldsOfCodes[problem.code]?.find((f) => known.has(f));
  if (meant !== undefined) found[meant] = text;
  for (const { location, message } of problem.errors ?? []) {
    const field = fieldOf(location);
    const key = known.has(field) ? field : "";
    const text = sentence(key === "" && field !== "" ? `${field} ${message}` : message);
    found[key] = found[key] === undefined ? text : `${found[key]} ${text}`;
  }
  return found;
}

/** sentence makes a message that begins like "must be …" or "At least 8 characters" readable by itself. */
function sentence(message: string): string {
  const text = message.trim();
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
}
