import { expect, it } from "vitest";
import { today, untilOf } from "./until";

const now = new Date(2026, 11, 29, 14, 30);
const at = (text: string) => new Date(text).toLocaleString("sv-SE");

it("ends with a day: this one, the one a week from now, or one of choice", () => {
  expect(at(untilOf("today", "", now))).toBe("2026-12-29 23:59:59");
  expect(at(untilOf("week", "", now))).toBe("2027-01-05 23:59:59");
  expect(at(untilOf("day", "2027-01-02", now))).toBe("2027-01-02 23:59:59");
  expect(untilOf("day", "soon", now)).toBe("soon");
  expect(today(new Date(2027, 0, 5))).toBe("2027-01-05");
});
