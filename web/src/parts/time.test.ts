import { expect, it } from "vitest";
import { endOfDay, lastDay } from "./time";

it("says when a day is over, and which day it was", () => {
  for (const day of ["2026-07-31", "2027-02-28", "2028-02-29", "2026-12-31", "2026-10-25", "2026-03-29"]) {
    expect(lastDay(endOfDay(day)), day).toBe(day);
  }
  expect(new Date(endOfDay("2026-12-31")).getFullYear()).toBe(2027);
  expect(lastDay(new Date(2026, 6, 31, 15, 30).toISOString())).toBe("2026-07-31");
});
