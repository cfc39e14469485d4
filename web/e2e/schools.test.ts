// Schools as an authority's people have them: who sets them up, who leads, who collects, and groups of schools.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, Person, Programme } from "./browser";

inBrowser();

const programme = "mercia";
const superUser = "Patricia Lomax";

const menu = (person: Person, name: string) =>
  person.page.getByRole("navigation").getByRole("link", { name, exact: true }).click();

const row = (person: Person, school: string) => person.page.getByRole("row").filter({ hasText: school });

async function signedIn(organisation: string, name: string, language = "en-GB"): Promise<Person> {
  const { username, password } = await known(organisation, name);
  const person = await Person.arrive({ language });
  await person.signIn(organisation, username, password);
  await person.sees(`Welcome, ${name.split(" ")[0] ?? ""}`);
  return person;
}

let joined = 0;

/** setup is a new user with the role LA setup, who has come in before. */
async function setup(): Promise<Person> {
  joined += 1;
  const admin = await Programme.of(programme, superUser);
  const body = { givenName: "Lena", familyName: "Ward", email: `setup${joined}@mercia.example`, roles: ["laSetup"] };
  const made = await admin.call<{ user: { username: string }; initialPassword: string }>("POST", "/users", body);
  const person = await Person.arrive();
  await person.signIn(programme, made.user.username, made.initialPassword);
  await person.fill("New password", "Anchor7Lighthouse");
  await person.fill("New password again", "Anchor7Lighthouse");
  await person.press("Set password");
  await person.sees("Welcome, Lena");
  return person;
}

describe("the school list of an authority", () => {
  it("is added to by LA setup, and a new school belongs to the lead at once", async () => {
    const person = await setup();
    await person.page.getByRole("main").getByRole("link", { name: "Add and remove schools" }).click();
    await person.sees("Schools");
    await person.reads("A school that you add belongs at once to everybody who has all schools");
    await expectAccessible(person.page);
    await person.press("Add school");
    await person.sees("Add a school");
    await expectAccessible(person.page);
    const dialog = person.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Add school" }).click();
    await person.page.locator("[name=name][aria-invalid=true]").waitFor();
    await person.fill("Name", "Abbots Mead Primary School");
    await person.fill("Number (may be empty)", "104299");
    await dialog.getByRole("button", { name: "Add school" }).click();
    await person.reads("Abbots Mead Primary School was added.");
    await row(person, "Abbots Mead").getByText("104299").waitFor();

    const admin = await Programme.of(programme, superUser);
    const { items } = await admin.call<{ items: { id: string }[] }>("GET", "/users?role=ncmpLead");
    expect(await admin.call("GET", `/users/${items[0]?.id ?? ""}/schools`)).toMatchObject({ all: true });
  });

  it("names, closes, opens and deletes schools, and asks before", async () => {
    const person = await setup();
    await menu(person, "Schools");
    await person.press("Add school");
    await person.fill("Name", "Marsh Lane School");
    await person.page.getByRole("dialog").getByRole("button", { name: "Add school" }).click();
    await person.reads("Marsh Lane School was added.");
    await person.press("Edit: Marsh Lane School");
    await person.fill("Name", "Marsh Lane Primary School");
    await person.press("Save");
    await person.reads("Marsh Lane Primary School was saved.");
    await person.press("Close: Marsh Lane Primary School");
    await person.sees("Close Marsh Lane Primary School?");
    await expectAccessible(person.page);
    const dialog = person.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Close" }).click();
    await row(person, "Marsh Lane").getByRole("cell", { name: "Closed", exact: true }).waitFor();
    await person.press("Open again: Marsh Lane Primary School");
    await dialog.getByRole("button", { name: "Open again" }).click();
    await row(person, "Marsh Lane").getByRole("cell", { name: "Open", exact: true }).waitFor();
    await person.page.getByLabel("Search schools").fill("marsh");
    await row(person, "Abbey Road").waitFor({ state: "detached" });
    await person.press("Delete: Marsh Lane Primary School");
    await person.reads("A school that was really there is better closed.");
    await dialog.getByRole("button", { name: "Delete" }).click();
    await person.reads("Marsh Lane Primary School was deleted.");
    await person.reads("No school’s name begins like that.");
    await person.page.reload();
    await row(person, "Abbey Road").waitFor();
    expect(await row(person, "Marsh Lane").count()).toBe(0);
  });

  it("shows both versions where two rename a school at once", async () => {
    const person = await signedIn("wessex", "Helen Ashcombe");
    const other = await Programme.of("wessex", "Helen Ashcombe");
    const made = await other.call<{ id: string }>("POST", "/schools", { name: "Egdon Heath School" });
    await menu(person, "Schools");
    await person.press("Edit: Egdon Heath School");
    await other.call("PUT", `/schools/${made.id}`, { name: "Egdon School", code: "113899" });
    await person.fill("Name", "Egdon Heath Academy");
    await person.press("Save");
    await person.sees("Somebody else changed this meanwhile");
    await expectAccessible(person.page);
    await person.page.getByLabel("Yours: Egdon Heath Academy").check();
    await person.press("Save this");
    await person.reads("Egdon Heath Academy was saved.");
    await row(person, "Egdon Heath Academy").getByText("113899").waitFor();
    await other.call("DELETE", `/schools/${made.id}`);
  });

  it("can be looked at by monitors", async () => {
    const person = await signedIn(programme, "Marcus Hill");
    await person.page.getByRole("main").getByRole("link", { name: "School list" }).click();
    await row(person, "Elmfield Primary School").waitFor();
    expect(await person.page.getByRole("button", { name: /Add school|Edit|Close|Delete/ }).count()).toBe(0);
    await expectAccessible(person.page);
  });

  it("shows collectors their own schools only", async () => {
    const person = await signedIn(programme, "Colette Barnes");
    await person.page.getByRole("main").getByRole("link", { name: "School list" }).click();
    await person.reads("Schools assigned to you");
    await row(person, "Barley Hill Infant School").waitFor();
    expect(await row(person, "Elmfield Primary School").count()).toBe(0);
    await expectAccessible(person.page);
  });
});

describe("school groups", () => {
  it("are made by ticking schools, and a message confirms it", async () => {
    const person = await signedIn("wessex", "Helen Ashcombe");
    await menu(person, "School groups");
    await person.sees("School groups");
    await person.follow("Add group");
    await person.sees("New school group");
    await person.fill("Name", "Coastal schools");
    await person.page.getByLabel("Budmouth Harbour School (113801)").check();
    await person.page.getByLabel("Sandbourne Academy (113806)").check();
    await expectAccessible(person.page);
    await person.press("Add group");
    await person.reads("Coastal schools was added.");
    await row(person, "Coastal schools").getByText("2 schools").waitFor();
    await expectAccessible(person.page);
    await person.follow("Coastal schools");
    await person.sees("Coastal schools");
    await person.page.getByLabel("Sandbourne Academy (113806)").uncheck();
    await person.press("Save");
    await person.reads("Coastal schools was saved, with 1 school.");
    await person.press("Delete group");
    await person.reads("Only the group is gone; its schools stay.");
    await expectAccessible(person.page);
    await person.page.getByRole("dialog").getByRole("button", { name: "Delete group" }).click();
    await person.reads("Coastal schools was deleted.");
    expect(await row(person, "Coastal schools").count()).toBe(0);
  });

  it("can be looked at by who may not change them", async () => {
    const admin = await Programme.of("wessex", "Helen Ashcombe");
    const { items } = await admin.call<{ items: { id: string }[] }>("GET", "/schools?q=shaston");
    const body = { name: "Grammar schools", schools: items.map((s) => s.id) };
    const made = await admin.call<{ id: string }>("POST", "/school-groups", body);
    const person = await signedIn("wessex", "Graham Tilley");
    await menu(person, "School groups");
    await person.follow("Grammar schools");
    await person.page.getByRole("listitem").filter({ hasText: "Shaston Grammar School" }).waitFor();
    expect(await person.page.getByRole("button", { name: "Save" }).count()).toBe(0);
    await expectAccessible(person.page);
    await admin.call("DELETE", `/school-groups/${made.id}`);
  });
});
