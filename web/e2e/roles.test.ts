// Roles as the guides have them: the security groups of a Danish school, and an authority's types of user.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, newcomer, Person, Programme } from "./browser";

inBrowser();

const school = "havnegade-skole";
const authority = "wessex";

interface RoleBody {
  id: string;
  name: string;
  rights: string[];
  version: number;
  members: number;
}

/** ownGroup is a group of a test's own, which others may not meet. */
async function ownGroup(name: string, rights: string[], constraints: object = {}) {
  const admin = await administrator();
  const role = await admin.call<RoleBody>("POST", "/roles", { name, rights, constraints });
  return { admin, role };
}

const administrator = () => Programme.of(school, "Kirsten Holm");

let added = 0;

/** member is a new user of the school who has a role. */
async function member(role: string): Promise<string> {
  added += 1;
  const email = `rolle${added}@havnegade.example`;
  const body = { givenName: "Ida", familyName: "Bruun", email, username: `ib${added}x`, roles: [role] };
  return (await (await administrator()).call<{ user: { id: string } }>("POST", "/users", body)).user.id;
}

async function kirsten(): Promise<Person> {
  const { username, password } = await known(school, "Kirsten Holm");
  const person = await Person.arrive({ language: "da" });
  await person.logInd(school, username, password);
  await person.sees("Velkommen, Kirsten");
  if ((await person.page.getByRole("heading", { name: "Åbn administrationen" }).count()) > 0) {
    await person.fill("Sikkerhedskode", "Havn-2026-kode");
    await person.press("Åbn");
  }
  return person;
}

async function helen(): Promise<Person> {
  const { username, password } = await known(authority, "Helen Ashcombe");
  const person = await Person.arrive();
  await person.signIn(authority, username, password);
  await person.sees("Welcome, Helen");
  return person;
}

const menu = (person: Person, name: string) =>
  person.page.getByRole("navigation").getByRole("link", { name, exact: true }).click();

describe("security groups in Danish", () => {
  it("are listed with their members, from the area of that name", async () => {
    const person = await kirsten();
    await person.page.getByRole("main").getByRole("link", { name: "Sikkerhedsgrupper" }).click();
    await person.sees("Sikkerhedsgrupper");
    await person.reads("Her kaldes roller »Sikkerhedsgrupper«.");
    const row = person.page.getByRole("row").filter({ hasText: "Almindelige lærere" });
    await row.getByRole("link", { name: /^\d+ person/ }).waitFor();
    expect(await row.getByRole("link", { name: /^\d+ person/ }).getAttribute("href")).toBe(
      `/o/${school}/users?role=ordinaryTeachers`,
    );
    await person.reads("Der skal altid være nogen, der har den."); // of the administrators
    await expectAccessible(person.page);
  });

  it("say before saving what changes for how many, and change it for all of them at once", async () => {
    const { role } = await ownGroup("Skemaudvalget", ["intranet.read", "timetables.manage"]);
    const user = await member(role.id);
    const person = await kirsten();
    await menu(person, "Sikkerhedsgrupper");
    await person.follow("Skemaudvalget");
    await person.sees("Skemaudvalget");
    await person.reads("Ingen får andre rettigheder end nu.");
    await person.page.getByLabel("Åbne skemamenuen").uncheck();
    await person.page.getByLabel("Redigere vikarskemaer").check();
    await person.reads("Rettigheder tilføjet: 1, fjernet: 1. Det gælder 1 person, fra næste klik.");
    const effect = person.page.locator("form").filter({ hasText: "Det ændrer sig, når du gemmer" });
    await effect.getByText("Områder, der åbnes", { exact: true }).waitFor();
    await effect.getByText("Områder, der lukkes, medmindre en anden rolle åbner dem").waitFor();
    await expectAccessible(person.page);
    await person.press("Gem");
    await person.reads("»Skemaudvalget« er gemt.");
    await person.reads("Ingen får andre rettigheder end nu.");
    const admin = await administrator();
    const after = await admin.call<RoleBody>("GET", `/roles/${role.id}`);
    expect(after.rights).toEqual(["intranet.read", "substitutions.edit"]);
    const decision = `/users/${user}/decision?right=`;
    expect(await admin.call("GET", `${decision}substitutions.edit`)).toMatchObject({ allowed: true });
    expect(await admin.call("GET", `${decision}timetables.manage`)).toMatchObject({ allowed: false });
  });

  it("are made from another one, with a name in both languages", async () => {
    const person = await kirsten();
    await menu(person, "Sikkerhedsgrupper");
    await person.follow("Almindelige lærere");
    await person.follow("Ny rolle ud fra denne");
    await person.sees("Ny rolle");
    await person.reads("Den begynder med det, »Almindelige lærere« har.");
    expect(await person.page.getByLabel("Booke lokaler og udstyr").isChecked()).toBe(true);
    await expectAccessible(person.page);
    await person.press("Opret rolle");
    await person.page.locator("[name=name][aria-invalid=true]").waitFor();
    await person.fill("Navn", "Almindelige lærere"); // which is taken
    await person.press("Opret rolle");
    await person.page.locator("[name=name][aria-invalid=true]").waitFor();
    await person.fill("Navn", "Klasselærere");
    await person.fill("Navn på engelsk", "Class teachers");
    await person.page.getByLabel("Redigere elevkartoteket").check();
    await person.press("Opret rolle");
    await person.sees("Sikkerhedsgrupper");
    await person.reads("»Klasselærere« er oprettet.");
    await person.follow("Klasselærere");
    await person.sees("Klasselærere");
    expect(await person.page.getByLabel("Navn på engelsk").inputValue()).toBe("Class teachers");
    expect(await person.page.getByLabel("Redigere elevkartoteket").isChecked()).toBe(true);
  });

  it("are deleted only when it is said what their members get instead", async () => {
    const { role } = await ownGroup("Læsevejledere", ["intranet.read", "library.edit"]);
    const user = await member(role.id);
    const person = await kirsten();
    await menu(person, "Sikkerhedsgrupper");
    await person.follow("Læsevejledere");
    await person.press("Slet rolle");
    await person.sees("Slet »Læsevejledere«?");
    await person.reads("1 person har rollen.");
    const dialog = person.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Slet rolle" }).click();
    await person.page.locator("[name=moveTo][aria-invalid=true]").waitFor();
    expect(await dialog.getByRole("option", { name: "Administrator" }).count()).toBe(0); // somebody must always be one
    await dialog.getByLabel("Rolle, de får i stedet").selectOption("SFO-personale");
    await person.reads("Det ændrer sig for dem");
    await expectAccessible(person.page);
    await dialog.getByRole("button", { name: "Slet rolle" }).click();
    await person.reads("»Læsevejledere« er slettet.");
    expect(await person.page.getByRole("link", { name: "Læsevejledere" }).count()).toBe(0);
    const after = await (await administrator()).call<{ roles: string[] }>("GET", `/users/${user}`);
    expect(after.roles).toEqual(["afterSchoolStaff"]);
  });

  it("stay while new users get them, and the last administrators keep their right: both is said in words", async () => {
    const person = await kirsten();
    await menu(person, "Sikkerhedsgrupper");
    await person.follow("Almindelige lærere");
    await person.press("Slet rolle");
    const dialog = person.page.getByRole("dialog");
    await dialog.getByLabel("Rolle, de får i stedet").selectOption("SFO-personale");
    await dialog.getByRole("button", { name: "Slet rolle" }).click();
    await person.reads("Nye brugere får denne rolle");
    await person.press("Annuller");
    await menu(person, "Sikkerhedsgrupper");
    await person.follow("Administrator");
    await person.page.getByLabel("Oprette, ændre og slette brugere").uncheck();
    await person.reads("Du er selv en af dem.");
    await person.press("Gem");
    await person.reads("Der ville ikke være nogen tilbage, der kan administrere brugere.");
    expect(await person.page.getByLabel("Oprette, ændre og slette brugere").isChecked()).toBe(false); // as it was typed
  });

  it("keep the ticks of two who change one group at the same time", async () => {
    const { admin, role } = await ownGroup("Udvalget", ["intranet.read", "news.edit"]);
    const person = await kirsten();
    await menu(person, "Sikkerhedsgrupper");
    await person.follow("Udvalget");
    await person.page.getByLabel("Skrive på opslagstavlen").check();
    await person.fill("Navn", "Et udvalg");
    await admin.call("PUT", `/roles/${role.id}`, { name: "To udvalg", rights: ["intranet.read", "forums.manage"] });
    await person.press("Gem");
    await person.sees("En anden har ændret dette imens");
    await expectAccessible(person.page);
    await person.page.getByLabel("Dit: Et udvalg").check();
    await person.press("Gem dette");
    await person.reads("»Et udvalg« er gemt.");
    const after = await admin.call<RoleBody>("GET", `/roles/${role.id}`);
    expect(after.rights).toEqual(["forums.manage", "intranet.read", "notices.edit"]);
    expect(after.name).toBe("Et udvalg");
  });
});

describe("types of user", () => {
  it("have conditions, which can be taken away later and not added", async () => {
    const person = await helen();
    await menu(person, "Types of user");
    await person.sees("Types of user");
    await person.follow("Add role");
    await person.sees("New role");
    await person.fill("Name", "Head of reporting");
    expect(await person.page.getByLabel("Pupil level reports and batches of reports").isDisabled()).toBe(true);
    await person.reads("No role can give these.");
    await person.page.getByLabel("Run summary reports").check();
    await person.page.getByLabel("Only one person can have it").check();
    await person.page.getByLabel("Senior officer", { exact: true }).check();
    await expectAccessible(person.page);
    await person.press("Add role");
    await person.reads("“Head of reporting” was added.");
    const row = person.page.getByRole("row").filter({ hasText: "Head of reporting" });
    await row.getByText("Only one person can have it.").waitFor();
    await row.getByText("Needs the role “Senior officer” too.").waitFor();
    await row.getByText("Nobody").waitFor();
    await person.follow("Head of reporting");
    await person.reads("You can take these away.");
    await person.page.getByLabel("Only one person can have it").uncheck();
    await person.press("Save");
    await person.reads("“Head of reporting” was saved.");
    await menu(person, "Types of user");
    await row.getByText("Needs the role “Senior officer” too.").waitFor();
    expect(await row.getByText("Only one person can have it.").count()).toBe(0);
  });

  it("can be given to new users by themselves", async () => {
    const person = await helen();
    await menu(person, "Types of user");
    const list = person.page.getByRole("group", { name: "New users get" });
    await list.getByLabel("Governor support").check();
    await person.press("Save for new users");
    await person.reads("New users get these roles from now on.");
    const made = await newcomer(authority, "Helen Ashcombe");
    const admin = await Programme.of(authority, "Helen Ashcombe");
    expect(await admin.call("GET", `/users/${made.user.id}`)).toMatchObject({ roles: ["governorSupport"] });
    await list.getByLabel("Governor support").uncheck();
    await person.press("Save for new users");
    await person.page.getByText("New users get these roles from now on.").waitFor();
  });
});

describe("roles that cannot be changed", () => {
  it("can be looked at: what they open, and which the organisation is not entitled to", async () => {
    const { username, password } = await known("northfield-college", "Sarah Whitfield");
    const person = await Person.arrive();
    await person.signIn("northfield-college", username, password);
    await person.press("I agree");
    await person.sees("Welcome, Sarah");
    await menu(person, "Roles");
    const row = person.page.getByRole("row").filter({ hasText: "AwardingBodyUser" });
    await row.getByText("Your organisation is not entitled to it, so nobody can be given it.").waitFor();
    expect(await person.page.getByRole("link", { name: "Add role" }).count()).toBe(0);
    await expectAccessible(person.page);
    await person.follow("LRBOnlineUser");
    await person.sees("Areas that it opens");
    await person.page.getByRole("listitem").filter({ hasText: "Register a learner" }).waitFor();
    await expectAccessible(person.page);
  });
});
