import { describe, expect, it } from "vitest";
import { idleState, worthTelling } from "./idle";

const minute = 60_000;

describe("a session of half an hour", () => {
  it.each([
    [0, "in use"],
    [27 * minute, "in use"],
    [28 * minute, "warn"], // two minutes before
    [30 * minute - 1, "warn"],
    [30 * minute, "over"],
  ] as const)("after %i ms without use is: %s", (unused, state) => {
    expect(idleState(30 * minute, unused)).toBe(state);
  });

  it("is kept by typing, once past half of it", () => {
    expect(worthTelling(30 * minute, 14 * minute)).toBe(false);
    expect(worthTelling(30 * minute, 15 * minute)).toBe(true);
    expect(worthTelling(30 * minute, 30 * minute)).toBe(false); // it is over
  });
});

describe("a session of five minutes", () => {
  it("is warned of a minute before its end", () => {
    expect(idleState(5 * minute, 3.9 * minute)).toBe("in use");
    expect(idleState(5 * minute, 4 * minute)).toBe("warn");
  });
});
