import { describe, expect, it } from "vitest";
import { areasOf, effectOf, kindOf } from "./effect";
import type { Area, Right } from "./queries";

const right = (id: string, more: Partial<Right> = {}): Right => ({
  id,
  label: id,
  names: { en: id },
  sensitive: false,
  perSchool: false,
  administrative: false,
  ...more,
});
const area = (id: string, ...rights: string[]): Area => ({ id, label: id, names: { en: id }, enabled: true, rights });

const rights = [right("read"), right("plan"), right("substitute"), right("users")];
const areas = [area("archive", "read"), area("timetable", "plan", "substitute"), area("users", "users")];
const ids = (things: { id: string }[]) => things.map((t) => t.id);

describe("the effect of another set of rights", () => {
  it("is what is added and taken away, and what opens and closes by it", () => {
    const found = effectOf(["read", "plan"], ["read", "users"], rights, areas);
    expect(ids(found.added)).toEqual(["users"]);
    expect(ids(found.taken)).toEqual(["plan"]);
    expect(ids(found.opened)).toEqual(["users"]);
    expect(ids(found.closed)).toEqual(["timetable"]);
  });

  it("closes no area that another of the rights keeps open", () => {
    const found = effectOf(["plan", "substitute"], ["substitute"], rights, areas);
    expect(ids(found.taken)).toEqual(["plan"]);
    expect(found.closed).toEqual([]);
  });

  it("is nothing where nothing changes", () => {
    expect(effectOf(["read"], ["read"], rights, areas)).toEqual({ added: [], taken: [], opened: [], closed: [] });
  });
});

describe("a right", () => {
  it("is of the kind that matters most", () => {
    expect(kindOf(right("a"))).toBe("everyday");
    expect(kindOf(right("a", { perSchool: true }))).toBe("perSchool");
    expect(kindOf(right("a", { administrative: true, perSchool: true }))).toBe("administrative");
    expect(kindOf(right("a", { sensitive: true, administrative: true }))).toBe("sensitive");
  });

  it("opens the areas that name it", () => {
    expect(ids(areasOf("substitute", areas))).toEqual(["timetable"]);
  });
});
