import type { Area, Right } from "./queries";

/** Effect is what another set of rights means for who has it. */
export interface Effect {
  added: Right[];
  taken: Right[];
  opened: Area[];
  closed: Area[];
}

/** effectOf compares two sets of rights. An area is open to who has one of its rights. */
export function effectOf(
  before: readonly string[],
  after: readonly string[],
  rights: readonly Right[],
  areas: readonly Area[],
): Effect {
  const [was, now] = [new Set(before), new Set(after)];
  const opens = (area: Area, held: ReadonlySet<string>) => area.rights.some((r) => held.has(r));
  return {
    added: rights.filter((r) => now.has(r.id) && !was.has(r.id)),
    taken: rights.filter((r) => was.has(r.id) && !now.has(r.id)),
    opened: areas.filter((a) => opens(a, now) && !opens(a, was)),
    closed: areas.filter((a) => opens(a, was) && !opens(a, now)),
  };
}

/** Kinds of rights, by what is special about them, in the order in which they are shown. */
export const kinds = ["everyday", "perSchool", "administrative", "sensitive"] as const;
export type Kind = (typeof kinds)[number];

export function kindOf(right: Right): Kind {
  if (right.sensitive) return "sensitive";
  if (right.administrative) return "administrative";
  return right.perSchool ? "perSchool" : "everyday";
}

/** areasOf are the areas that a right opens. */
export const areasOf = (right: string, areas: readonly Area[]): Area[] => areas.filter((a) => a.rights.includes(right));
