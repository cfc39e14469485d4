import { describe, expect, it } from "vitest";
import { differences } from "./differences";

const before = (pieces: ReturnType<typeof differences>) =>
  pieces
    .filter((p) => p.kind !== "new")
    .map((p) => p.text)
    .join("");
const after = (pieces: ReturnType<typeof differences>) =>
  pieces
    .filter((p) => p.kind !== "gone")
    .map((p) => p.text)
    .join("");

describe("differences", () => {
  it("are by words, in the lines that differ", () => {
    expect(differences("Be good.\nAlways tell the office.\n", "Be good.\nAlways ask the office.\n")).toEqual([
      { kind: "same", text: "Be good.\nAlways " },
      { kind: "gone", text: "tell" },
      { kind: "new", text: "ask" },
      { kind: "same", text: " the office.\n" },
    ]);
  });

  it("are nothing where nothing differs, and everything where all does", () => {
    expect(differences("The same.", "The same.")).toEqual([{ kind: "same", text: "The same." }]);
    expect(differences("", "New.")).toEqual([{ kind: "new", text: "New." }]);
    expect(differences("Old.", "")).toEqual([{ kind: "gone", text: "Old." }]);
    expect(differences("", "")).toEqual([]);
  });

  it("find a paragraph that was put between others, and one that was taken away", () => {
    expect(differences("One.\n\nThree.\n", "One.\n\nTwo.\n\nThree.\n").filter((p) => p.kind !== "same")).toEqual([
      { kind: "new", text: "Two.\n\n" },
    ]);
    expect(differences("One.\nTwo.\nThree.", "One.\nThree.").filter((p) => p.kind !== "same")).toEqual([
      { kind: "gone", text: "Two.\n" },
    ]);
  });

  it("always hold both texts whole, also where they have next to nothing in common", () => {
    const long = (word: string) => Array.from({ length: 7_000 }, (_, i) => `${word}${i}`).join(" ");
    for (const [a, b] of [
      ["a b c d", "c d a b"],
      ["x\ny", "y\nx"],
      [long("old"), long("new")],
      ["Æble\r\nøl", "Æble\nøl, tak"],
    ] as const) {
      const pieces = differences(a, b);
      expect([before(pieces), after(pieces)]).toEqual([a, b]);
    }
  });
});
