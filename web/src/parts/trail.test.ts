import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import danish from "../locales/da/trail.json";
import english from "../locales/en/trail.json";
import { changedDetails, idsOf } from "./trail";

it("tells what has changed, what was added and what was taken away, and nothing else", () => {
  const before = { email: "a@school.example", title: "Mrs", site: "North" };
  const after = { email: "b@school.example", site: "North", mobile: "07700" };
  expect(changedDetails({ before, after })).toEqual([
    { field: "email", before: "a@school.example", after: "b@school.example" },
    { field: "mobile", before: "", after: "07700" },
    { field: "title", before: "Mrs", after: "" },
  ]);
  expect(changedDetails({})).toEqual([]);
});

it("finds the ids of roles and rights in a list, and who agreed", () => {
  expect(idsOf("librarians or ordinaryTeachers")).toEqual([{ id: "librarians" }, { id: "ordinaryTeachers" }]);
  expect(idsOf("a, b or c").map((i) => i.id)).toEqual(["a", "b", "c"]);
  expect(idsOf("news.edit, reports.cinCla (agreed by Vera Virtual)")).toEqual([
    { id: "news.edit" },
    { id: "reports.cinCla", by: "Vera Virtual" },
  ]);
});

it("has words for everything that can happen, in both languages, and for nothing else", () => {
  const domain = readFileSync(join(import.meta.dirname, "../../../internal/directory/audit.go"), "utf8");
  const actions = [...domain.matchAll(/\bAction = "([A-Za-z]+\.[A-Za-z]+)"|^\t\w+ += "([A-Za-z]+\.[A-Za-z]+)"/gm)]
    .map((m) => (m[1] ?? m[2] ?? "").replace(".", "_"))
    .sort();
  expect(actions.length).toBeGreaterThan(60);
  expect(Object.keys(english.action).sort()).toEqual(actions);
  expect(Object.keys(danish.action).sort()).toEqual(actions);
});
