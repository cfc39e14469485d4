import type { Schemas } from "../../api/client";

type Effects = Schemas["EffectsBody"];

const spans = ["nextSweep", "year"] as const;
const kinds = ["warn", "archive", "purge"] as const;

/** personal are the effects on how people sign in. */
export const personal = ["newPassword", "secondFactor", "agreement", "otherWay", "shorterSessions"] as const;

/** Step is what sweeps do as it is, and by other settings. */
export interface Step {
  when: (typeof spans)[number];
  kind: (typeof kinds)[number];
  now: number;
  then: number;
}

/** stepsOf are the steps of which there will be more or fewer. */
export function stepsOf(effects: Effects): Step[] {
  return spans
    .flatMap((when) =>
      kinds.map((kind) => ({ when, kind, now: effects[when].now[kind], then: effects[when].then[kind] })),
    )
    .filter((s) => s.now !== s.then);
}

/** dangerous tells whether more people will be archived or purged. */
export const dangerous = (effects: Effects): boolean =>
  stepsOf(effects).some((s) => s.kind !== "warn" && s.then > s.now);

/** concernsAnybody tells whether there is something to look at before it is saved. */
export const concernsAnybody = (effects: Effects): boolean =>
  effects.partial || personal.some((what) => effects[what] > 0) || stepsOf(effects).length > 0;
