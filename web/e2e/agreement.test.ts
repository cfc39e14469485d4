// The conditions of use: read again, changed, and put before everybody anew.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, Person, settled } from "./browser";
import { founded, type Founded } from "./organisations";

inBrowser();

async function administrator({ slug, username, password }: Founded) {
  const person = await Person.arrive();
  await person.signIn(slug, username, password);
  await person.sees("Welcome, Ada");
  await person.page.getByRole("navigation").getByRole("link", { name: "Conditions of use" }).click();
  await person.sees("Conditions of use");
  return person;
}

const dialog = (person: Person) => person.page.getByRole("dialog");

describe("the conditions of use", () => {
  it("are changed from the text in force, shown as people will see them, and put before everybody", async () => {
    const school = await founded();
    await school.settle("Danny");
    const person = await administrator(school);
    await person.reads("Version 1 is in force since");
    await person.reads("Came with the organisation");
    await expectAccessible(person.page);

    await person.follow("Write a new version");
    await person.sees("A new version of the conditions of use");
    const brief = person.page.getByLabel("In brief", { exact: true });
    const before = await brief.inputValue();
    expect(before).not.toBe("");
    await person.fill("In full", "");
    await person.press("Look at it before publishing");
    await person.page.locator("[name=long][aria-invalid=true]").waitFor();
    await expectAccessible(person.page);

    await brief.fill(`${before} Ask the office first.`);
    await person.fill("In full", "Be kind.\n\nAlways.");
    await person.press("Look at it before publishing");
    await person.sees("Publish this?");
    await person.reads("Everybody must agree again at the next sign-in: 2 accounts.");
    await dialog(person).getByText("What has changed since version 1").click();
    await dialog(person).locator("ins").filter({ hasText: "Ask the office first." }).waitFor();
    await expectAccessible(person.page);
    await person.press("Go back and change it"); // which is no mistake
    await dialog(person).waitFor({ state: "detached" });
    expect(await person.page.getByRole("alert").count()).toBe(0);
    expect(await brief.inputValue()).toBe(`${before} Ask the office first.`);

    await person.press("Look at it before publishing");
    await person.press("Publish");
    await person.reads("Version 2 is in force now.");
    await person.reads("Version 2 is in force since");
    await person.reads(`${before} Ask the office first.`);
    await person.page.getByRole("row").filter({ hasText: "Version 2" }).getByText("Ada Head").waitFor();

    await person.follow("Version 2");
    await person.sees("Conditions of use, version 2");
    await person.sees("What has changed since version 1");
    await person.page.locator("del").first().waitFor();
    await expectAccessible(person.page);
    await person.follow("All versions");
    await person.sees("Conditions of use");

    await person.press("Sign out");
    await person.signIn(school.slug, school.username, school.password);
    await person.sees("Conditions of use");
    await person.reads(`${before} Ask the office first.`);
    await person.press("I agree");
    await person.sees("Welcome, Ada");
  });

  it("are not lost with a step back in the browser", async () => {
    const person = await administrator(await founded());
    await person.follow("Write a new version");
    await person.fill("In full", "Be kind.");
    await person.page.goBack();
    await person.sees("Leave without saving?");
    await expectAccessible(person.page);
    await person.press("Stay here");
    expect(await person.page.getByLabel("In full", { exact: true }).inputValue()).toBe("Be kind.");
    expect(new URL(person.page.url()).pathname).toMatch(/\/agreement\/new$/);

    await person.page.goBack();
    await person.press("Leave without saving");
    await person.sees("Conditions of use");
    await person.reads("Version 1 is in force since");
  });

  it("show both versions where somebody else has published meanwhile", async () => {
    const school = await founded();
    const person = await administrator(school);
    await person.follow("Write a new version");
    await person.fill("In brief", "Mine.");
    await school.admin.call("POST", "/agreement", { short: "Theirs.", long: "Theirs, in full." });
    await person.press("Look at it before publishing");
    await person.press("Publish");
    await person.sees("Somebody else changed this meanwhile");
    await expectAccessible(person.page);
    await dialog(person).getByLabel("Yours: Mine.").check();
    await person.press("Save this");
    await person.sees("Publish this?");
    await person.press("Publish");
    await person.reads("Version 3 is in force now.");
    const { short, long } = await school.admin.call<{ short: string; long: string }>("GET", "/agreement");
    expect({ short, long }).toEqual({ short: "Mine.", long: "Theirs, in full." });
  });

  it("say at the field where a text is too long", async () => {
    const school = await founded();
    const person = await administrator(school);
    await person.follow("Write a new version");
    await person.fill("In full", "x".repeat(40_001));
    await person.press("Look at it before publishing");
    await person.press("Publish");
    await person.page.locator("[name=long][aria-invalid=true]").waitFor();
    expect(await dialog(person).count()).toBe(0);
    expect((await person.page.getByLabel("In full", { exact: true }).inputValue()).length).toBe(40_001);
  });

  it("are there to be read again for everybody", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.sees("Welcome, Danny");
    await person.follow("My account");
    await person.follow("Conditions of use");
    await person.sees("Conditions of use");
    await person.reads(/Version \d+ is in force since/);
    expect(await person.page.getByRole("link", { name: "Write a new version" }).count()).toBe(0);
    await expectAccessible(person.page);
  });
});
