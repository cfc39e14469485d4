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

/** FieldProblem is what is wrong with one field. */
export type FieldProblem = components["schemas"]["FieldProblem"];

/** fieldOf is where a location such as "body.schools[0].id" leads in the request: "schools[0].id". */
function fieldOf(location: string): string {
  return /^(?:body|query|header)\.(.+)$/.exec(location)?.[1] ?? "";
}

/** partsOf lists what a field is part of, itself first: "look.logo" and "look", "schools[0].id", "schools[0]" and "schools". */
function partsOf(field: string): string[] {
  const shorter = field.replace(/(?:\.[^.[]*|\[[^\]]*\])$/, "");
  return shorter === field ? [field] : [field, ...partsOf(shorter)];
}

/** What is wrong with which field, where the problem's code alone says it. */
const fieldsOfCodes: Partial<Record<Problem["code"], readonly string[]>> = {
  wrong_password: ["currentPassword", "password"],
  wrong_code: ["code"],
  wrong_security_code: ["securityCode"],
};

/** fieldErrors are what is wrong by field, as say says it. What is about no field of the form is in "". */
export function fieldErrors(
  problem: Problem,
  fields: Iterable<string>,
  text: string,
  say: (broken: FieldProblem) => string,
): Record<string, string> {
  const known = new Set(fields);
  const found: Record<string, string> = {};
  const meant = fieldsOfCodes[problem.code]?.find((f) => known.has(f));
  if (meant !== undefined) found[meant] = text;
  for (const broken of problem.errors ?? []) {
    const field = fieldOf(broken.location);
    const key = partsOf(field).find((part) => known.has(part)) ?? "";
    const text = key === "" && field !== "" ? `${field}: ${say(broken)}` : say(broken);
    found[key] = found[key] === undefined ? text : `${found[key]} ${text}`;
  }
  return found;
}
