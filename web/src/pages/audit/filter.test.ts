import { expect, it } from "vitest";
import { filterOf, queryOf } from "./filter";

it("takes from the address what the trail can be asked by, and nothing else", () => {
  const address = new URLSearchParams("from=2026-11-01&actor=&action=signIn.&page=2");
  expect(filterOf(address)).toEqual({ from: "2026-11-01", action: "signIn." });
});

it("asks for whole days, and not for what is no day", () => {
  const { from = "", to = "" } = queryOf({ from: "2026-11-01", to: "2026-11-01" });
  expect(Date.parse(to) - Date.parse(from)).toBe(24 * 60 * 60 * 1000 - 1);
  expect(queryOf({ from: "yesterday", action: "user.created" })).toEqual({ action: "user.created" });
});
