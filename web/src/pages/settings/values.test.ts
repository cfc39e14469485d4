import { describe, expect, it } from "vitest";
import { ProblemError } from "../../api/problem";
import { settingNames, type Policy } from "./description";
import { atFields, changed, policyOf, valuesOf } from "./values";

const policy: Policy = {
  users: {
    fields: ["telephone", "title"],
    required: [],
    ownFields: ["email", "title"],
    defaultRoles: ["teacher", "user"],
    rolesRequired: true,
    genericWords: ["admin", "office"],
  },
  usernames: { chosen: false, pattern: "{given:1}{family:4}{digits:4}", reuse: "never" },
  passwords: {
    minLength: 12,
    maxLength: 128,
    upper: false,
    lower: true,
    digit: false,
    punctuation: "",
    allowCommon: false,
    allowNames: false,
    maxAgeDays: 0,
    history: 0,
    reset: "temporary",
    generatedLength: 14,
    temporaryDays: 0,
  },
  signIn: {
    methods: ["password", "passkey"],
    secondFactor: "nobody",
    lockout: { threshold: 10, minutes: 15 },
    againAfterNewPassword: false,
  },
  sessions: { idleMinutes: 30, absoluteHours: 10, elevationMinutes: 30 },
  lifecycle: {
    warnMonths: [15, 16, 17],
    warningGapDays: 14,
    archiveMonths: 18,
    purgeMonths: 18,
    keepDays: 30,
    graceDays: 7,
    purgeCap: 500,
    redactTrail: true,
    timeZone: "Europe/London",
  },
  digest: { enabled: true, inactiveMonths: 12 },
  agreement: { when: "never" },
  contact: {
    customerService: "help@caretaker.example",
    people: [
      { name: "Ada Head", telephone: "020 7946 0018" },
      { name: "Ben Desk", email: "ben@school.example" },
    ],
    hidden: false,
  },
  directory: { open: true },
  look: { colour: "", background: "", logo: "", text: "Welcome" },
};

/** typed is the policy that comes of what is typed into one field. */
const typed = (name: string, text: string) => policyOf(policy, { ...valuesOf(policy), [name]: text });

describe("the fields of the settings", () => {
  it("hold every setting, and nothing is changed until somebody does", () => {
    const values = valuesOf(policy);
    expect(Object.keys(values)).toEqual(settingNames);
    expect(changed(policy, values)).toEqual([]);
    expect(policyOf(policy, values)).toEqual(policy);
  });

  it("show words a line each, figures with commas, people with semicolons and ticks in the order of the page", () => {
    expect(valuesOf(policy)).toMatchObject({
      "users-genericWords": "admin\noffice",
      "lifecycle-warnMonths": "15, 16, 17",
      "contact-people": "Ada Head; ; 020 7946 0018\nBen Desk; ben@school.example",
      "users-fields": "title,telephone",
      "passwords-lower": "on",
      "passwords-upper": "",
      "signIn-lockout-minutes": "15",
    });
  });

  it("are taken as they are meant", () => {
    expect(typed("lifecycle-warnMonths", " 3,4; 5 ").lifecycle.warnMonths).toEqual([3, 4, 5]);
    expect(typed("lifecycle-warnMonths", "").lifecycle.warnMonths).toEqual([]);
    expect(typed("users-genericWords", "Office\n\n  School ").users.genericWords).toEqual(["office", "school"]);
    expect(typed("contact-people", "Eve Long;;\n ; eve@school.example").contact.people).toEqual([
      { name: "Eve Long" },
      { name: "", email: "eve@school.example" }, // which the API says is no person
    ]);
    expect(typed("signIn-lockout-minutes", "0").signIn.lockout).toEqual({ threshold: 10, minutes: 0 });
    expect(typed("passwords-lower", "").passwords.lower).toBe(false);
    expect(typed("look-text", "  Hello \n").look.text).toBe("Hello");
  });

  it("change what they are about and leave the rest exactly as it is", () => {
    const after = typed("sessions-idleMinutes", "45");
    expect(after).toEqual({ ...policy, sessions: { ...policy.sessions, idleMinutes: 45 } });
    expect(after.users.fields).toEqual(["telephone", "title"]); // not in the order of the page
    expect(policy.sessions.idleMinutes).toBe(30);
  });

  it("count as changed only by what they mean", () => {
    const same = {
      "lifecycle-warnMonths": "15 16 17",
      "users-genericWords": "Admin\noffice\n",
      "users-defaultRoles": "user,teacher",
      "look-text": "Welcome ",
    };
    expect(changed(policy, same)).toEqual([]);
    expect(changed(policy, { "users-defaultRoles": "user", "lifecycle-warnMonths": "15, 16" })).toEqual([
      "users-defaultRoles",
      "lifecycle-warnMonths",
    ]);
  });
});

describe("what is wrong with a policy", () => {
  const locations = (...at: string[]) => {
    const errors = at.map((location) => ({ location, message: "no", code: "between" }));
    const told = atFields(new ProblemError({ code: "invalid", errors }));
    return told instanceof ProblemError ? told.problem.errors?.map((e) => e.location) : undefined;
  };

  it("is said at its field, also where it is one of several things in it", () => {
    expect(
      locations(
        "body.policy.signIn.lockout.minutes",
        "body.policy.lifecycle.warnMonths[2]",
        "body.policy.contact.people[0].email",
      ),
    ).toEqual(["body.signIn-lockout-minutes", "body.lifecycle-warnMonths", "body.contact-people"]);
  });

  it("stays where it is when there is no such field", () => {
    expect(locations("body.policy.passwords.shoeSize", "header.If-Match")).toEqual([
      "body.policy.passwords.shoeSize",
      "header.If-Match",
    ]);
    const other = new Error("the page is broken");
    expect(atFields(other)).toBe(other);
  });
});
