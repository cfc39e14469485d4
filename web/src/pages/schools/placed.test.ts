import { describe, expect, it } from "vitest";
import { placed } from "./placed";
import type { School } from "./queries";

const school = (name: string, id = name): School => ({ id, name, closed: false, version: 1 });
const first = { items: [school("Ash"), school("Elm")], nextCursor: "more" };
const last = { items: [school("Oak"), school("Yew")] };
const names = (pages: { items: School[] }[]) => pages.map((p) => p.items.map((s) => s.name));

describe("a school in pages that were read", () => {
  it("is put where its name belongs", () => {
    expect(names(placed([first, last], "b", school("Beech", "b"), ""))).toEqual([
      ["Ash", "Beech", "Elm"],
      ["Oak", "Yew"],
    ]);
    expect(names(placed([first, last], "z", school("Zelkova", "z"), ""))).toEqual([
      ["Ash", "Elm"],
      ["Oak", "Yew", "Zelkova"],
    ]);
  });

  it("moves when it gets another name, and is there once", () => {
    expect(names(placed([first, last], "Ash", school("Rowan", "Ash"), ""))).toEqual([["Elm"], ["Oak", "Rowan", "Yew"]]);
  });

  it("is left out where it comes after all that was read, or is not what is sought", () => {
    expect(names(placed([first], "z", school("Zelkova", "z"), ""))).toEqual([["Ash", "Elm"]]);
    expect(names(placed([{ items: [] }], "b", school("Beech", "b"), "El"))).toEqual([[]]);
    expect(names(placed([{ items: [] }], "e", school("Elder", "e"), "el"))).toEqual([["Elder"]]);
  });

  it("is taken out when it is gone", () => {
    expect(names(placed([first, last], "Oak", null, ""))).toEqual([["Ash", "Elm"], ["Yew"]]);
  });
});
