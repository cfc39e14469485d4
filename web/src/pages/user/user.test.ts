import { describe, expect, it } from "vitest";
import { bodyOf, choicesOf, withAll, withSchools } from "./assignment";
import { choiceFor, effectOf, isHeld, singly } from "./rights";
import { chosen } from "../../parts/choices";
import type { Role, User } from "./user";

describe("rights", () => {
  const role = (id: string, ...rights: string[]) => ({ id, rights }) as Role;
  const roles = [role("officer", "reports", "load"), role("adviser", "reports", "schools")];
  const user = { roles: ["officer"], granted: [{ right: "pupils" }], denied: ["load"] } as unknown as User;

  it("are gained and lost by other roles, but not those that are denied or granted singly", () => {
    expect(effectOf(user, roles, ["adviser"])).toEqual({ gained: ["schools"], lost: [] });
    expect(effectOf(user, roles, [])).toEqual({ gained: [], lost: ["reports"] });
    expect(effectOf(user, roles, ["officer"])).toEqual({ gained: [], lost: [] });
  });

  it("are held by a role or singly, and never where denied", () => {
    const byRoles = new Set(["reports", "load"]);
    const held = (right: string) => isHeld(right, byRoles, singly(user));
    expect(["reports", "load", "pupils", "schools"].map(held)).toEqual([true, false, true, false]);
  });

  it("need no choice where the roles say the same", () => {
    expect(choiceFor(true, true, undefined)).toBeUndefined();
    expect(choiceFor(false, false, undefined)).toBeUndefined();
    expect(choiceFor(true, false, undefined)).toBe("grant");
    expect(choiceFor(false, true, undefined)).toBe("deny");
    expect(choiceFor(true, true, "grant")).toBe("grant"); // granted before, and so again
  });
});

describe("schools", () => {
  const assigned = { all: false, schools: [{ id: "a", name: "A", closed: false, relation: "Partner" }], version: 1 };
  const base = choicesOf(assigned);

  it("keep the relation that was typed, and one that is ticked anew the one it had", () => {
    const typed = chosen(base, "a", "Consultant");
    expect(bodyOf(withSchools(typed, new Set(["a", "b"]), base)).schools).toEqual([
      { id: "a", relation: "Consultant" },
      { id: "b" },
    ]);
    const none = withSchools(base, new Set(), base);
    expect(bodyOf(withSchools(none, new Set(["a"]), base)).schools).toEqual([{ id: "a", relation: "Partner" }]);
  });

  it("are not listed where all are assigned, and are there again where that is taken back", () => {
    const all = withAll(base, true);
    expect(bodyOf(all)).toEqual({ all: true, schools: [], defaultGroup: "" });
    expect(bodyOf(withAll(all, false)).schools).toHaveLength(1);
  });
});
