import { describe, expect, it } from "vitest";
import { fieldErrors, fieldOf } from "./problem";

describe("a problem document", () => {
  it("names fields by where they stand in the request", () => {
    expect(fieldOf("body.email")).toBe("email");
    expect(fieldOf("body.schools[0].id")).toBe("schools");
    expect(fieldOf("header.If-Match")).toBe("If-Match");
    expect(fieldOf("body")).toBe("");
  });

  it("is said at the fields that the form has, and the rest above", () => {
    const errors = [
      { location: "body.email", message: "must be an address" },
      { location: "body.email", message: "is too long" },
      { location: "body.site", message: "is kept by the administrators" },
      { location: "body", message: "could not be read as JSON" },
    ];
    expect(fieldErrors({ code: "invalid", errors }, ["email", "givenName"], "wrong")).toEqual({
      email: "Must be an address. Is too long.",
      "": "Site is kept by the administrators. Could not be read as JSON.",
    });
  });

  it("is said at a field where its code alone tells which", () => {
    expect(fieldErrors({ code: "wrong_password" }, ["currentPassword", "newPassword"], "It is wrong.")).toEqual({
      currentPassword: "It is wrong.",
    });
    expect(fieldErrors({ code: "wrong_password" }, ["email"], "It is wrong.")).toEqual({});
  });
});
