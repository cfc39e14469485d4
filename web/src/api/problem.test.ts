import { describe, expect, it } from "vitest";
import { fieldErrors } from "./problem";

describe("a problem document", () => {
  const broken = (location: string, code: string) => ({ location, code, message: `is ${code}` });
  const say = (b: { code: string }) => `Broken: ${b.code}.`;

  it("is said at the fields that the form has, and the rest above", () => {
    const errors = [
      broken("body.email", "email"),
      broken("body.email", "too_long"),
      broken("body.site", "by_others"),
      broken("body", "not_json"),
    ];
    expect(fieldErrors({ code: "invalid", errors }, ["email", "givenName"], "wrong", say)).toEqual({
      email: "Broken: email. Broken: too_long.",
      "": "site: Broken: by_others. Broken: not_json.",
    });
  });

  it("is said at the nearest field around the place", () => {
    const errors = [
      broken("body.look.logo", "logo"),
      broken("body.schools[0].id", "school_once"),
      broken("body.people[1].email", "email"),
      broken("header.If-Match", "version"),
    ];
    const fields = ["look", "look.logo", "schools", "people[1].email", "people[1]", "If-Match"];
    expect(fieldErrors({ code: "invalid", errors }, fields, "wrong", say)).toEqual({
      "look.logo": "Broken: logo.",
      schools: "Broken: school_once.",
      "people[1].email": "Broken: email.",
      "If-Match": "Broken: version.",
    });
  });

  it("is said at a field where its code alone tells which", () => {
    expect(fieldErrors({ code: "wrong_password" }, ["currentPassword", "newPassword"], "It is wrong.", say)).toEqual({
      currentPassword: "It is wrong.",
    });
    expect(fieldErrors({ code: "wrong_password" }, ["email"], "It is wrong.", say)).toEqual({});
  });
});
