import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { concernsAnybody, dangerous, personal, stepsOf } from "./comparing";

type Effects = Schemas["EffectsBody"];
type Counts = Effects["year"]["now"];

const none = { warn: 0, archive: 0, purge: 0 };

/** year are effects where only what sweeps do within a year differs. */
const year = (now: Partial<Counts>, then: Partial<Counts>): Effects => ({
  users: 40,
  newPassword: 0,
  secondFactor: 0,
  agreement: 0,
  otherWay: 0,
  shorterSessions: 0,
  nextSweep: { now: none, then: none },
  year: { now: { ...none, ...now }, then: { ...none, ...then } },
  partial: false,
});

describe("what a change of settings does", () => {
  it("is nothing to look at where all stays as it is", () => {
    const same = year({ warn: 3, archive: 2 }, { warn: 3, archive: 2 });
    expect(stepsOf(same)).toEqual([]);
    expect(concernsAnybody(same)).toBe(false);
    expect(dangerous(same)).toBe(false);
  });

  it("are the steps that differ, those of the next sweep first", () => {
    const more = year({ archive: 2, purge: 4 }, { archive: 2, purge: 5 });
    more.nextSweep.then = { ...none, warn: 1 };
    expect(stepsOf(more)).toEqual([
      { when: "nextSweep", kind: "warn", now: 0, then: 1 },
      { when: "year", kind: "purge", now: 4, then: 5 },
    ]);
  });

  it("is dangerous where more people are archived or purged, and not where more are warned or fewer lose anything", () => {
    expect(dangerous(year({}, { archive: 1 }))).toBe(true);
    expect(dangerous(year({}, { purge: 1 }))).toBe(true);
    expect(dangerous(year({}, { warn: 9 }))).toBe(false);
    expect(dangerous(year({ archive: 5, purge: 5 }, { archive: 4 }))).toBe(false);
    expect(concernsAnybody(year({ archive: 5 }, {}))).toBe(true);
  });

  it.each(personal)("is to be looked at where it concerns how people sign in: %s", (what) => {
    expect(concernsAnybody({ ...year({}, {}), [what]: 1 })).toBe(true);
  });

  it("is to be looked at where not everybody was counted", () => {
    expect(concernsAnybody({ ...year({}, {}), partial: true })).toBe(true);
  });
});
