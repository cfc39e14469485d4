import { describe, expect, it } from "vitest";
import { chosen, sameChoices, together } from "./choices";

const ticks = (...keys: string[]) => new Map(keys.map((key) => [key, "on"]));

describe("two people's choices", () => {
  it("come together: what I changed as I have it, all else as the other has it", () => {
    const both = together(ticks("a", "b", "c"), ticks("a", "c", "mine"), ticks("a", "b", "theirs"));
    expect([...both.keys()].sort()).toEqual(["a", "mine", "theirs"]);
  });

  it("are mine where both changed the same", () => {
    const base = new Map([["a", "Partner"]]);
    expect(together(base, new Map([["a", "Consultant"]]), new Map([["a", "Governor"]])).get("a")).toBe("Consultant");
  });

  it("are the same whatever their order", () => {
    expect(sameChoices(ticks("a", "b"), ticks("b", "a"))).toBe(true);
    expect(sameChoices(ticks("a"), chosen(ticks("a"), "a", "x"))).toBe(false);
    expect(sameChoices(ticks("a", "b"), chosen(ticks("a"), "c", "on"))).toBe(false);
  });
});
