import type { Schemas } from "../../api/client";
import { chosen, type Choices } from "../../parts/choices";

// The schools of a user as choices: for each school the relation to it, "" for none, and beside them what is below.

type UserSchools = Schemas["UserSchoolsAnswerBody"];

/** Not ids of schools: whether all are assigned, and the default school group. */
const all = "*all";
const group = "*group";

export function choicesOf({ all: every, schools, defaultGroup }: UserSchools): Choices {
  return new Map([
    ...(every ? ([[all, "on"]] as const) : []),
    ...(defaultGroup !== undefined ? ([[group, defaultGroup]] as const) : []),
    ...schools.map((s) => [s.id, s.relation ?? ""] as const),
  ]);
}

export const hasAll = (choices: Choices): boolean => choices.has(all);
export const groupOf = (choices: Choices): string => choices.get(group) ?? "";
export const schoolsOf = (choices: Choices): string[] => [...choices.keys()].filter((k) => k !== all && k !== group);

export const withAll = (choices: Choices, on: boolean) => chosen(choices, all, on ? "on" : undefined);
export const withGroup = (choices: Choices, id: string) => chosen(choices, group, id === "" ? undefined : id);

/** withSchools are the choices with these schools and no others; one ticked anew has the relation that it had before. */
export function withSchools(choices: Choices, ticked: ReadonlySet<string>, before: Choices): Choices {
  const rest = [...choices].filter(([key]) => key === all || key === group);
  return new Map([
    ...rest,
    ...[...ticked].map((id): [string, string] => [id, choices.get(id) ?? before.get(id) ?? ""]),
  ]);
}

/** bodyOf is what the API is sent of the choices. */
export function bodyOf(choices: Choices): Schemas["SetUserSchoolsInputBody"] {
  const schools = schoolsOf(choices).map((id) => {
    const relation = choices.get(id)?.trim() ?? "";
    return relation === "" ? { id } : { id, relation };
  });
  return hasAll(choices)
    ? { all: true, schools: [], defaultGroup: groupOf(choices) }
    : { schools, defaultGroup: groupOf(choices) };
}

/** GroupState is how much of a school group is ticked. */
export type GroupState = "all" | "some" | "none";

export function groupState(schools: readonly string[], ticked: ReadonlySet<string>): GroupState {
  const count = schools.filter((id) => ticked.has(id)).length;
  if (count === 0) return "none";
  return count === schools.length ? "all" : "some";
}
