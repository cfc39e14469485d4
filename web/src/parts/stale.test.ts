import { describe, expect, it } from "vitest";
import { conflictsOf, merged } from "./stale";

const base = { given: "Danny", family: "Smith", email: "d@school.example", phone: "" };

describe("two changes at once", () => {
  it("conflict only where both changed one field to different things", () => {
    const mine = { ...base, given: "Daniel", family: "Smyth", email: "same@school.example" };
    const theirs = { ...base, given: "Dan", phone: "123", email: "same@school.example" };
    expect(conflictsOf({ base, mine, theirs, ticks: [] })).toEqual([{ name: "given", mine: "Daniel", theirs: "Dan" }]);
  });

  it("are both kept, and what was chosen where they conflict", () => {
    const stale = {
      base,
      mine: { ...base, given: "Daniel", family: "Smyth" },
      theirs: { ...base, given: "Dan", phone: "123" },
      ticks: [],
    };
    expect(merged(stale, { given: "theirs" })).toEqual({ ...base, given: "Dan", family: "Smyth", phone: "123" });
    expect(merged(stale, { given: "mine" })).toEqual({ ...base, given: "Daniel", family: "Smyth", phone: "123" });
  });

  it("leave alone what the service does not speak of", () => {
    const stale = { base: { ...base, note: "" }, mine: { ...base, note: "mine" }, theirs: base, ticks: [] };
    expect(conflictsOf(stale)).toEqual([]);
    expect(merged(stale, {}).note).toBe("mine");
  });

  it("of ticks are brought together tick by tick, so there is nothing to choose", () => {
    const stale = {
      base: { rights: "read,book,print" },
      mine: { rights: "read,print,edit" }, // took book away, added edit
      theirs: { rights: "book,print,news" }, // took read away, added news
      ticks: ["rights"],
    };
    expect(conflictsOf(stale)).toEqual([]);
    expect(merged(stale, {})).toEqual({ rights: "print,news,edit" });
  });
});
