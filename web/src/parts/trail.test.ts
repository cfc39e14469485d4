import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import danish from "../locales/da/trail.json";
import english from "../locales/en/trail.json";
import { changedDetails, idsOf, noteOf } from "./trail";

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

it("knows the notes that have figures and names in them, as the domain writes them", () => {
  const domain = (file: string) => readFileSync(join(import.meta.dirname, "../../../internal/directory", file), "utf8");
  for (const [file, form, values, parts] of [
    ["agreements.go", "version %d", ["3"], { form: "version", parts: { version: "3" } }],
    ["digest.go", "for %d administrators", ["2"], { form: "digest", parts: { people: "2" } }],
    [
      "steps.go",
      "%d deleted, %d left for the next sweep",
      ["9", "4"],
      { form: "held", parts: { deleted: "9", left: "4" } },
    ],
    [
      "closing.go",
      "%s, with %d users; closed on %s",
      ["bash-street", "12", "2026-11-28"],
      { form: "closed", parts: { slug: "bash-street", users: "12", day: "2026-11-28" } },
    ],
    [
      "operator.go",
      "approved by %s, %s; evidence: %s",
      ["Ann Lee", "Head", "a letter, read"],
      { form: "approved", parts: { name: "Ann Lee", position: "Head", evidence: "a letter, read" } },
    ],
  ] as const) {
    expect(domain(file), file).toContain(`Sprintf("${form}"`);
    const left: string[] = [...values];
    expect(noteOf(form.replace(/%[ds]/g, () => left.shift() ?? ""))).toEqual(parts);
  }
  expect(noteOf("left the school, in version 3")).toBeUndefined();
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
