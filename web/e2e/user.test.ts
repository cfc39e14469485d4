// The page of one user, as the guides' data managers use it, in organisations of their own.
import { beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, Person } from "./browser";
import { founded, type Founded } from "./organisations";

inBrowser();

interface Made {
  user: { id: string; username: string };
  initialPassword: string;
}

/** add makes a user of the organisation. */
function add({ admin }: Founded, givenName: string, more: object = {}): Promise<Made> {
  const email = `${givenName.toLowerCase()}.${Date.now()}@school.example`;
  return admin.call("POST", "/users", { givenName, familyName: "Baker", email, ...more });
}

async function at({ slug, username, password }: Founded, path: string, heading: string): Promise<Person> {
  const person = await Person.arrive();
  await person.signIn(slug, username, password);
  await person.sees("Welcome, Ada");
  await person.open(`/o/${slug}/${path}`);
  await person.sees(heading);
  return person;
}

const confirm = (person: Person, button: string) =>
  person.page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();

let authority: Founded;
beforeAll(async () => {
  authority = await founded("authority-analytics");
});

describe("the details of a user", () => {
  it("say what the account is like, and are changed there", async () => {
    const { user } = await add(authority, "Enid", { roles: ["adviser"] });
    const person = await at(authority, `users/${user.id}`, "Enid Baker");
    await person.reads(/A warning of inactivity is mailed on/);
    await person.reads("Has never signed in");
    await expectAccessible(person.page);
    await person.fill("Email", "nobody");
    await person.fill("Telephone", "020 7946 0018");
    await person.press("Save details");
    await person.page.locator("[name=email][aria-invalid=true]").waitFor();
    await person.fill("Email", "enid.baker@school.example");
    await person.page.locator("[name=endsAt]").fill("2031-07-31");
    await person.press("Save details");
    await person.reads("The details of Enid Baker were saved.");
    await person.page.reload();
    await person.sees("Enid Baker");
    expect(await person.page.locator("[name=endsAt]").inputValue()).toBe("2031-07-31");
    expect(await person.page.locator("[name=telephone]").inputValue()).toBe("020 7946 0018");
  });

  it("show both versions where another administrator was quicker", async () => {
    const { user } = await add(authority, "Stella");
    const person = await at(authority, `users/${user.id}`, "Stella Baker");
    await person.fill("Telephone", "020 7946 0100");
    await authority.admin.call("PATCH", `/users/${user.id}`, { telephone: "020 7946 0200", title: "Dr" });
    await person.press("Save details");
    await person.sees("Somebody else changed this meanwhile");
    await person.press("Go back to the form");
    await person.page.getByRole("dialog").waitFor({ state: "detached" });
    await person.press("Save details"); // nothing was chosen, so the other's change is not to be undone
    await person.sees("Somebody else changed this meanwhile");
    const meanwhile = await authority.admin.call<object>("GET", `/users/${user.id}`);
    expect(meanwhile).toMatchObject({ telephone: "020 7946 0200", title: "Dr" });
    await expectAccessible(person.page);
    await person.page.getByLabel("Yours: 020 7946 0100").check();
    await person.press("Save this");
    await person.reads("The details of Stella Baker were saved.");
    const now = await authority.admin.call<object>("GET", `/users/${user.id}`);
    expect(now).toMatchObject({ telephone: "020 7946 0100", title: "Dr" });
  });

  it("are not undone by a form that was opened before somebody else's change was read by itself", async () => {
    const { user } = await add(authority, "Vera");
    const person = await at(authority, `users/${user.id}`, "Vera Baker");
    await authority.admin.call("PATCH", `/users/${user.id}`, { familyName: "Butcher" });
    await person.press("Sign out everywhere");
    await confirm(person, "Sign out everywhere");
    await person.sees("Vera Butcher"); // read, but not in the form
    await person.fill("Telephone", "020 7946 0100");
    await person.press("Save details");
    await person.reads("What the other changed is not what you changed. Both will be kept.");
    await person.press("Save this");
    await person.reads("The details of Vera Butcher were saved.");
    const now = await authority.admin.call<object>("GET", `/users/${user.id}`);
    expect(now).toMatchObject({ familyName: "Butcher", telephone: "020 7946 0100" });

    await authority.admin.call("PUT", `/users/${user.id}/roles`, { roles: ["adviser"] });
    await person.fill("Telephone", "020 7946 0200");
    await person.press("Save details"); // no detail was changed elsewhere, so there is nothing to ask
    await person.reads("The details of Vera Butcher were saved.");
    await expect
      .poll(() => authority.admin.call("GET", `/users/${user.id}`))
      .toMatchObject({
        telephone: "020 7946 0200",
        roles: ["adviser"],
      });
  });
});

describe("the access of a user", () => {
  it("is closed and opened, and the second step is not asked for until a day", async () => {
    const own = await founded("authority-analytics");
    const { user } = await add(own, "Sue");
    const person = await at(own, `users/${user.id}`, "Sue Baker");
    const offered = (name: string) => person.page.getByRole("button", { name, exact: true }).count();
    expect(await offered("Suspend")).toBe(1);
    expect(await offered("Unlock")).toBe(0); // nobody is locked out
    expect(await offered("Free from second step")).toBe(0); // nobody is asked for one
    const { policy } = await own.admin.call<{ policy: { signIn: object } }>("GET", "/settings");
    await own.admin.call("PUT", "/settings", {
      policy: { ...policy, signIn: { ...policy.signIn, secondFactor: "everybody" } },
    });
    await person.page.reload();
    await person.sees("Sue Baker");
    await person.press("Suspend");
    await person.sees("Suspend Sue Baker?");
    await expectAccessible(person.page);
    await confirm(person, "Suspend");
    await person.reads("Sue Baker is suspended.");
    await person.reads(/Cannot sign in until somebody reinstates the account/);
    await person.press("Reinstate");
    await confirm(person, "Reinstate");
    await person.reads("Sue Baker is reinstated. For 7 days from now nothing happens to the account by itself.");
    await person.press("Sign out everywhere");
    await confirm(person, "Sign out everywhere");
    await person.reads("Sue Baker is signed out everywhere.");
    await person.press("Free from second step");
    await person.sees("Free Sue Baker from the second step?");
    await expectAccessible(person.page);
    await confirm(person, "Free from second step");
    await person.page.locator("[name=reason][aria-invalid=true]").waitFor();
    await person.fill("Reason", "Broken telephone");
    const soon = new Date(Date.now() + 30 * 24 * 3_600_000).toISOString().slice(0, 10);
    await person.page.locator("[name=until]").fill(soon);
    await confirm(person, "Free from second step");
    await person.reads(/Freed from the second step until .*: Broken telephone/);
    await person.press("End the exemption");
    await confirm(person, "End the exemption");
    await person.reads("The exemption of Sue Baker has ended.");
  });

  it("is handed over by a password that is shown once, and ended for good", async () => {
    const { user } = await add(authority, "Rita");
    const person = await at(authority, `users/${user.id}`, "Rita Baker");
    await person.press("Reset password");
    await confirm(person, "Reset password");
    await person.reads(`User ${user.username} has a new password:`);
    await expectAccessible(person.page);
    await person.press("Delete");
    await confirm(person, "Delete");
    await person.page.waitForURL(/\/users$/);
    const gone = await person.context.request.get(`/api/v1/users/${user.id}`);
    expect(gone.status()).toBe(404);
  });
});

describe("roles and rights", () => {
  it("are seen before they are saved: a type of user fills in rights, and each can be ticked", async () => {
    const { user } = await add(authority, "Rex", { roles: ["adviser"] });
    const person = await at(authority, `users/${user.id}/rights`, "Roles and rights of Rex Baker");
    await expectAccessible(person.page);
    const { page } = person;
    await page.getByRole("checkbox", { name: "Data officer" }).check();
    await person.reads("When you save, Rex Baker gains these 2 rights:");
    await page.getByRole("checkbox", { name: "School improvement adviser" }).uncheck();
    await person.press("Save roles");
    await person.reads("The roles of Rex Baker were saved.");
    await page.getByText("By the role Data officer.").first().waitFor();

    await page.getByRole("checkbox", { name: "Load assessment data and check it" }).uncheck();
    await person.reads("Will be denied to this user when you save.");
    await page.getByRole("checkbox", { name: "Pupil level reports and batches of reports" }).check();
    await person.press("Save rights");
    await page.locator("[name=approvedBy][aria-invalid=true]").waitFor();
    await expectAccessible(page);
    await person.fill("Who agreed", "Virtual Head");
    await person.press("Save rights");
    await person.reads("The rights of Rex Baker were saved.");
    await person.reads("Granted to this user; Virtual Head agreed. Sensitive data: whoever agreed is named.");
    await person.reads("Denied to this user, whatever the roles say.");
    const reads = async (right: string) =>
      (await authority.admin.call<{ allowed: boolean }>("GET", `/users/${user.id}/decision?right=${right}`)).allowed;
    expect([await reads("data.load"), await reads("reports.pupilLevel")]).toEqual([false, true]);
  });

  it("never leave the organisation without an administrator, and say so at the field", async () => {
    const own = await authority.admin.call<{ user: { id: string } }>("GET", "/session");
    const person = await at(authority, `users/${own.user.id}/rights`, "Roles and rights of Ada Head");
    await person.page.getByRole("checkbox", { name: "Administrator" }).uncheck();
    await person.press("Save roles");
    await person.reads("Somebody must always have the role Administrator. Give it to somebody else first.");
    await expectAccessible(person.page);
  });

  it("keep what two administrators tick at once", async () => {
    const { user } = await add(authority, "Two", { roles: ["adviser"] });
    const person = await at(authority, `users/${user.id}/rights`, "Roles and rights of Two Baker");
    await person.page.getByRole("checkbox", { name: "Consultant" }).check();
    await authority.admin.call("PUT", `/users/${user.id}/roles`, { roles: ["adviser", "governorSupport"] });
    await person.press("Save roles");
    await person.reads(/Somebody else changed this meanwhile/);
    expect(await person.page.getByRole("checkbox", { name: "Governor support" }).isChecked()).toBe(true);
    await person.press("Save roles");
    await person.reads("The roles of Two Baker were saved.");
    const { roles } = await authority.admin.call<{ roles: string[] }>("GET", `/users/${user.id}`);
    expect(roles).toEqual(["adviser", "consultant", "governorSupport"]);
  });

  it("keep a right that was granted elsewhere while roles were saved here", async () => {
    const { user } = await add(authority, "Wim", { roles: ["adviser"] });
    const person = await at(authority, `users/${user.id}/rights`, "Roles and rights of Wim Baker");
    const load = person.page.getByRole("checkbox", { name: "Load assessment data and check it" });
    await authority.admin.call("PUT", `/users/${user.id}/rights`, { grant: ["data.load"], deny: [] });
    await person.page.getByRole("checkbox", { name: "Consultant" }).check();
    await person.press("Save roles");
    await person.reads("The roles of Wim Baker were saved.");
    expect(await load.isChecked()).toBe(false); // nobody has seen it here
    await person.page.getByRole("checkbox", { name: "Write to support" }).check();
    await person.press("Save rights");
    await person.reads(/Somebody else changed this meanwhile/);
    expect(await load.isChecked()).toBe(true);
  });

  it("need all schools where a role does: an NCMP lead", async () => {
    const programme = await founded("measurement-programme");
    const { user } = await add(programme, "Lea");
    const person = await at(programme, `users/${user.id}/rights`, "Roles and rights of Lea Baker");
    await person.page.getByRole("checkbox", { name: "NCMP Lead" }).check();
    await person.press("Save roles");
    await person.reads("The role NCMP Lead can only be had together with others. Tick those too.");
    await person.page.getByRole("checkbox", { name: "Super user" }).check();
    await person.press("Save roles");
    await person.reads(/Whoever has the role NCMP Lead must have all schools/);
    await programme.admin.call("PUT", `/users/${user.id}/schools`, { all: true, schools: [] });
    await person.press("Save roles");
    await person.reads("The roles of Lea Baker were saved.");
  });
});

describe("5,000 schools", () => {
  const count = 5_000;
  let large: Founded;
  beforeAll(async () => {
    large = await founded("authority-analytics");
    const ids: string[] = [];
    const make = async (i: number) => {
      const { id } = await large.admin.call<{ id: string }>("POST", "/schools", {
        name: `School ${String(i).padStart(4, "0")}`,
      });
      ids[i] = id;
    };
    for (let i = 0; i < count; i += 25) await Promise.all(Array.from({ length: 25 }, (_, j) => make(i + j)));
    await large.admin.call("POST", "/school-groups", { name: "Coastal schools", schools: ids.slice(4_000, 4_600) });
  }, 300_000);

  it("are ticked one by one or by group, each with the relation to it, and a message confirms it", async () => {
    const { user } = await add(large, "Sid");
    const person = await at(large, `users/${user.id}/schools`, "Schools of Sid Baker");
    const { page } = person;
    await page.getByLabel("Search in Schools of this user").fill("4999");
    await page.getByRole("checkbox", { name: "School 4999" }).check();
    await page.getByLabel("Relation to School 4999").fill("School Improvement Partner");
    await person.reads("1 ticked");
    await page.getByRole("checkbox", { name: "Coastal schools" }).check();
    await person.reads("601 ticked");
    await page.getByLabel("Default school group").selectOption("Coastal schools");
    await expectAccessible(page);
    await person.press("Save schools");
    await person.reads("Sid Baker now has 601 schools.");
    const saved = await large.admin.call<{ schools: { name: string; relation?: string }[] }>(
      "GET",
      `/users/${user.id}/schools`,
    );
    expect(saved.schools).toHaveLength(601);
    const related = saved.schools.filter((s) => s.relation !== undefined);
    expect(related).toMatchObject([{ name: "School 4999", relation: "School Improvement Partner" }]);

    await page.getByRole("checkbox", { name: "All schools" }).check();
    await person.press("Save schools");
    await person.reads("Sid Baker now has all schools.");
  });
});

describe("the intranet of a Danish school", () => {
  it("has the length of a teacher's session, in Danish", async () => {
    const school = await founded("school-intranet", "da");
    const { user } = await add(school, "Lone", { username: "LB" });
    const person = await Person.arrive({ language: "da" });
    await person.logInd(school.slug, school.username, school.password);
    await person.sees("Velkommen, Ada");
    await person.open(`/o/${school.slug}/users/${user.id}`);
    await person.sees("Lone Baker");
    await person.fill("Minutter uden brug", "3");
    await person.press("Gem oplysninger");
    await person.page.locator("[name=idleMinutes][aria-invalid=true]").waitFor();
    await expectAccessible(person.page);
    await person.fill("Minutter uden brug", "240");
    await person.press("Gem oplysninger");
    await person.reads("Oplysningerne om Lone Baker er gemt.");
    await person.follow("Roller og rettigheder");
    await person.reads(/Via rollen/);
    await expectAccessible(person.page);
  });
});

describe("what else is known of a user", () => {
  it("is which mails are wanted, who did what, and what was agreed to", async () => {
    const { user } = await add(authority, "Meg");
    await authority.admin.call("PATCH", `/users/${user.id}`, { familyName: "Carter" });
    const person = await at(authority, `users/${user.id}/mails`, "Mails of Meg Carter");
    await person.reads("Only users themselves change this, under My account.");
    await expectAccessible(person.page);
    await person.follow("Sign-ins and changes");
    await person.sees("Sign-ins and changes of Meg Carter");
    await person.reads("Second name: Baker became Carter");
    await person.reads("This user has not accepted any conditions of use.");
    await expectAccessible(person.page);
  });

  it("can only be read by who may not manage users", async () => {
    const { user, initialPassword } = await add(authority, "Ron", { roles: ["seniorOfficer"] });
    const person = await Person.arrive();
    await person.signIn(authority.slug, user.username, initialPassword);
    await person.fill("New password", "Another-43-Lantern");
    await person.fill("New password again", "Another-43-Lantern");
    await person.page.locator("button[type=submit]").click();
    await person.sees("Welcome, Ron");
    await person.open(`/o/${authority.slug}/users/${user.id}`);
    await person.sees("Ron Baker");
    expect(await person.page.getByRole("textbox").count()).toBe(0);
    await expectAccessible(person.page);
    await person.follow("Roles and rights");
    await person.reads("By the role Senior officer.");
    expect(await person.page.getByRole("button", { name: /Save/ }).count()).toBe(0);
    const about = person.page.getByRole("navigation", { name: "Ron Baker" });
    await about.getByRole("link", { name: "Schools", exact: true }).click();
    await person.reads("No school is assigned to this user.");
  });

  it("is said where there is no such user", async () => {
    const person = await at(authority, "users/nobody", "User");
    await person.reads("There is nothing by that name. Please check how it is written.");
    await expectAccessible(person.page);
  });
});
