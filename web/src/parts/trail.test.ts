import { expect, it } from "vitest";
import { changedDetails } from "./trail";

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
