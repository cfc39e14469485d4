import { describe, expect, it } from "vitest";
import { keeps, punctuation, shortest } from "./passwordRules";

// As the school portal has them.
const length = { id: "length", label: "", pattern: "^[\\s\\S]{8,128}$" } as const;
const characters = { id: "characters", label: "", pattern: "^[A-Za-z0-9$%&*#?\\-]*$" } as const;
const repeat = { id: "repeat", label: "" } as const;

describe("a rule for passwords", () => {
  it("is kept or not as one types", () => {
    expect(keeps(length, "short", "")).toBe(false);
    expect(keeps(length, "long enough", "")).toBe(true);
    expect(keeps(characters, "a b", "")).toBe(false);
    expect(keeps(repeat, "same", "same")).toBe(true);
    expect(keeps(repeat, "same", "other")).toBe(false);
  });

  it("is not kept by nothing at all", () => {
    expect(keeps(characters, "", "")).toBe(false);
    expect(keeps(repeat, "", "")).toBe(false);
  });

  it("tells its numbers and characters, to be said in any language", () => {
    expect(shortest(length.pattern)).toBe(8);
    expect(punctuation(characters.pattern)).toBe("$ % & * # ? -");
    expect(punctuation(undefined)).toBe("");
  });
});
