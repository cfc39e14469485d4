// The settings, as the data manager changes them: what it does is said before it is done, and nothing typed is lost.
import { describe, expect, inject, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, Person } from "./browser";
import { founded, type Founded } from "./organisations";

inBrowser();

const heading = "Rules of the organisation";

/** at is Ada Head on a page of the settings. */
async function at({ slug, username, password }: Founded, path = "", title = heading): Promise<Person> {
  const person = await Person.arrive({ width: 1300 });
  await person.signIn(slug, username, password);
  await person.sees("Welcome, Ada");
  await person.open(`/o/${slug}/settings${path}`);
  await person.sees(title);
  return person;
}

const dialog = (person: Person) => person.page.getByRole("dialog");
const answer = (person: Person, button: string) =>
  dialog(person).getByRole("button", { name: button, exact: true }).click();
const field = (person: Person, name: string) => person.page.locator(`[name="${name}"]`);
const menu = (person: Person, name: string) =>
  person.page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name, exact: true }).click();
const wrong = (person: Person, name: string, text: string) =>
  person.page.locator(`:has([name="${name}"][aria-invalid=true])`).getByText(text).last().waitFor();

interface Settings {
  policy: Record<string, Record<string, unknown>>;
}
const settingsOf = (o: Founded) => o.admin.call<Settings>("GET", "/settings");

/** change is somebody else's change of one setting. */
async function change(o: Founded, group: string, some: object): Promise<void> {
  const { policy } = await settingsOf(o);
  await o.admin.call("PUT", "/settings", { policy: { ...policy, [group]: { ...policy[group], ...some } } });
}

const add = (o: Founded, givenName: string) =>
  o.admin.call<{ user: { id: string } }>("POST", "/users", {
    givenName,
    familyName: "Smith",
    email: `${givenName.toLowerCase()}@${o.slug}.example`,
  });

describe("the rules of an organisation", () => {
  it("have a field for everything that the API's description has in a policy", async () => {
    interface Schema {
      $ref?: string;
      properties?: Record<string, Schema>;
    }
    const document = (await (await fetch(`${inject("baseURL")}/api/openapi.json`)).json()) as {
      components: { schemas: Record<string, Schema> };
    };
    const { schemas } = document.components;
    const names = (schema: Schema, prefix = ""): string[] => {
      const found = schema.$ref ? schemas[schema.$ref.split("/").at(-1) ?? ""] : schema;
      if (!found?.properties) return [prefix];
      return Object.entries(found.properties).flatMap(([k, s]) => names(s, prefix === "" ? k : `${prefix}-${k}`));
    };
    const all = names({ $ref: "Policy" });
    expect(all.length).toBeGreaterThan(40);
    const person = await at(await founded("authority-analytics"));
    await field(person, "look-text").waitFor();
    const there = await person.page
      .locator("form [name]")
      .evaluateAll((fields) => [...new Set(fields.map((f) => f.getAttribute("name") ?? ""))]);
    expect(there.filter((n) => n.includes("-")).sort()).toEqual(all.sort());
  });

  it("say whom a change concerns, are saved when one says so, and read again", async () => {
    const authority = await founded("authority-analytics");
    await add(authority, "Sue");
    await add(authority, "Bo");
    const person = await at(authority);
    await person.reads("Everything is saved.");
    await expectAccessible(person.page);

    await person.fill("Warnings after so many months without a sign-in", "3, 4");
    await person.fill("Archive after so long without a sign-in", "6");
    await person.page.getByLabel("Who must have a second step").selectOption({ label: "Everybody" });
    await person.reads("3 settings are changed and not saved.");
    await person.press("Save");
    await person.sees("Save these settings?");
    await person.reads("3 people must set up a second step at the next sign-in.");
    const archived = dialog(person).getByRole("row").filter({ hasText: "Archived within a year" });
    expect((await archived.getByRole("cell").allInnerTexts()).map((c) => /\d*$/.exec(c)?.[0]).slice(-2)).toEqual([
      "0",
      "2", // the last administrator stays
    ]);
    await expectAccessible(person.page);

    await answer(person, "Back to the form"); // nothing is said to be wrong, nothing is lost, and nothing is saved
    await dialog(person).waitFor({ state: "detached" });
    expect(await person.page.getByRole("alert").count()).toBe(0);
    await person.page.waitForFunction(() => document.activeElement?.textContent === "Save");
    expect(await field(person, "lifecycle-archiveMonths").inputValue()).toBe("6");
    expect((await settingsOf(authority)).policy["lifecycle"]).toMatchObject({ archiveMonths: 18 });

    await person.press("Save");
    await answer(person, "Save all the same");
    await person.reads("The settings are saved.");
    await person.reads("Everything is saved.");
    await person.page.reload();
    await field(person, "lifecycle-warnMonths").waitFor();
    expect(await field(person, "lifecycle-warnMonths").inputValue()).toBe("3, 4");
    expect(await field(person, "signIn-secondFactor").inputValue()).toBe("everybody");
    const { policy } = await settingsOf(authority);
    expect(policy["lifecycle"]).toMatchObject({ warnMonths: [3, 4], archiveMonths: 6 });
  });

  it("say at its field what is wrong, and keep what was typed", async () => {
    const person = await at(await founded("authority-analytics"));
    await person.fill("A session ends without use after", "3");
    await person.fill("Warnings after so many months without a sign-in", "15, 14");
    await person.fill("Colour of buttons and links", "blue");
    await person.press("Save");
    await wrong(person, "sessions-idleMinutes", "This must be from 5 to 720.");
    await wrong(person, "lifecycle-warnMonths", "Each must be more than the one before, and at most 120.");
    await wrong(person, "look-colour", "Please give a colour such as #0b5cad.");
    expect(await person.page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("sessions-idleMinutes");
    expect(await field(person, "look-colour").inputValue()).toBe("blue");
    await expectAccessible(person.page);
    await person.fill("A session ends without use after", "");
    await person.press("Save");
    await wrong(person, "sessions-idleMinutes", "Please fill this in.");

    await person.page.getByRole("checkbox", { name: "Identity provider", exact: true }).check();
    await person.fill("A session ends without use after", "30");
    await person.press("Save");
    await person.page.getByRole("group", { name: "Ways to sign in" }).getByText("once it is set up.").last().waitFor();
  });

  it("show both versions where another administrator was quicker", async () => {
    const authority = await founded("authority-analytics");
    const person = await at(authority);
    await person.fill("Text on the sign-in page", "Mine");
    await change(authority, "look", { text: "Theirs" });
    await change(authority, "digest", { inactiveMonths: 7 });
    await person.press("Save");
    await person.sees("Somebody else changed this meanwhile");
    await expectAccessible(person.page);
    await answer(person, "Go back to the form");
    await person.press("Save"); // what one did not answer is asked again, and the other's change is not undone
    await person.page.getByLabel("Theirs: Theirs").waitFor();
    await person.page.getByLabel("Yours: Mine").check();
    await answer(person, "Save this");
    await person.reads("The settings are saved.");
    const { policy } = await settingsOf(authority);
    expect(policy["look"]).toMatchObject({ text: "Mine" });
    expect(policy["digest"]).toMatchObject({ inactiveMonths: 7 });
  });

  it("begin with what is there when one comes back to them", async () => {
    const authority = await founded("authority-analytics");
    const person = await at(authority);
    await field(person, "look-text").waitFor();
    await menu(person, "Home");
    await change(authority, "look", { text: "By somebody else" });
    await menu(person, "Settings");
    await field(person, "look-text").waitFor();
    expect(await field(person, "look-text").inputValue()).toBe("By somebody else");
    await person.reads("Everything is saved.");
  });

  it("ask before one leaves them unsaved, and hold on other pages at once", async () => {
    const person = await at(await founded("authority-analytics"));
    await menu(person, "Home");
    await menu(person, "Settings");
    await person.page.getByRole("group", { name: "Details that are kept" }).getByLabel("Site", { exact: true }).check();
    await person.page.getByRole("navigation", { name: "On this page" }).getByRole("link", { name: "Sessions" }).click();
    expect(await dialog(person).count()).toBe(0);
    await menu(person, "Users");
    await person.sees("Leave without saving?");
    await person.reads("1 setting is changed and not saved. If you leave, the change is lost.");
    await expectAccessible(person.page);
    await answer(person, "Stay here");
    await person.sees(heading);
    await person.page.goBack(); // to the beginning of the same page
    await person.page.goBack();
    await person.sees("Leave without saving?");
    await answer(person, "Stay here");
    await person.reads("1 setting is changed and not saved.");
    await person.press("Save");
    await person.reads("The settings are saved.");
    await menu(person, "Users");
    await person.page.getByRole("search").getByLabel("Site", { exact: true }).waitFor();

    await menu(person, "Settings");
    await person.fill("Text on the sign-in page", "Not to be kept");
    await menu(person, "Overview");
    await answer(person, "Leave without saving");
    await person.sees("Overview");
    await menu(person, "Settings");
    await field(person, "look-text").waitFor();
    expect(await field(person, "look-text").inputValue()).toBe("");
  });

  it("speak Danish", async () => {
    const { organisation, username, password } = await known("havnegade-skole", "Kirsten Holm");
    const person = await Person.arrive({ language: "da-DK" });
    await person.logInd(organisation, username, password);
    await person.sees("Velkommen, Kirsten");
    await person.open(`/o/${organisation}/settings`);
    await person.sees("Organisationens regler");
    await person.fill("En session slutter uden brug efter", "10");
    await person.press("Gem");
    await person.sees("Gem disse indstillinger?");
    await person.reads(/personers sessioner slutter tidligere/);
    await expectAccessible(person.page);
    await answer(person, "Tilbage til formularen");
    await person.fill("En session slutter uden brug efter", "20");
    await person.reads("Alt er gemt.");
  });
});

describe("what else is set up", () => {
  it("the codes that administrators share are refused with a reason, set, and taken away", async () => {
    const authority = await founded("authority-analytics");
    const person = await at(authority, "/codes", "Codes");
    await expectAccessible(person.page);
    await person.fill("New security code", "123456");
    await person.press("Set the security code");
    await wrong(person, "securityCode", "Many people choose this one. Please take another one.");
    await expectAccessible(person.page);
    await person.fill("New security code", "harbour-42-south");
    await person.press("Set the security code");
    await person.reads("The security code is set. Please tell the other administrators.");
    await person.page.getByRole("button", { name: "Take the security code away" }).waitFor();
    expect(await field(person, "securityCode").inputValue()).toBe("");

    await person.fill("New standard code", "short");
    await person.press("Set the standard code");
    await field(person, "standardCode").and(person.page.locator("[aria-invalid=true]")).waitFor();
    await person.fill("New standard code", "Summer-bird-in-7-gardens");
    await person.press("Set the standard code");
    await person.reads("The standard code is set.");

    for (const code of ["security", "standard"]) {
      await person.press(`Take the ${code} code away`);
      await person.sees(`Take the ${code} code away`);
      await expectAccessible(person.page);
      await answer(person, `Take the ${code} code away`);
      await person.reads("The code is taken away.");
      await person.page
        .getByRole("button", { name: `Take the ${code} code away` })
        .first()
        .waitFor({ state: "detached" });
    }
    expect(await settingsOf(authority)).toMatchObject({ securityCodeSet: false, standardCodeSet: false });
  });

  it("the primary contact is found and chosen, and refused who has gone meanwhile", async () => {
    const authority = await founded("authority-analytics");
    await add(authority, "Sue");
    const { user: bo } = await add(authority, "Bo");
    const person = await at(authority, "/contact", "Primary contact");
    await person.fill("Find a user", "nobody");
    await person.press("Search");
    await person.reads("No active user goes by that. Please try the beginning of another name.");
    await person.fill("Find a user", "Smith");
    await person.press("Search");
    await person.page.getByRole("radio", { name: "Bo Smith" }).check();
    await expectAccessible(person.page);
    await authority.admin.call("POST", `/users/${bo.id}/suspend`);
    await person.press("Make primary contact");
    await person.reads("Please choose an active user of the organisation.");
    await expectAccessible(person.page);
    await person.page.getByRole("radio", { name: "Sue Smith" }).check();
    await person.press("Make primary contact");
    await person.reads("Sue Smith is the primary contact now.");
    await person.page.reload();
    await person.reads(`sue@${authority.slug}.example`);
  });

  it("an identity provider that does not answer is refused with the reason", async () => {
    const person = await at(await founded("authority-analytics"), "/identity-provider", "Identity provider");
    await person.reads(/\/api\/v1\/session\/federation\/callback$/);
    await expectAccessible(person.page);
    await person.press("Try it and save");
    await wrong(person, "label", "Please fill this in.");
    await person.fill("Name on the button", "UNI-Login");
    await person.fill("Address (issuer)", "https://localhost:9");
    await person.fill("Client ID", "caretaker");
    await person.press("Try it and save");
    await wrong(person, "issuer", "The provider does not answer at this address");
    expect(await field(person, "clientId").inputValue()).toBe("caretaker");
    await expectAccessible(person.page);
  });
});
