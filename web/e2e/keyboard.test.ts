// The console's main tasks by the keyboard alone: nothing is clicked, and the focus is seen at every step and never lost.
import { describe, expect, it } from "vitest";
import { inBrowser, Person } from "./browser";
import { Hands } from "./hands";
import { founded, type Founded } from "./organisations";

inBrowser();

const add = (o: Founded, givenName: string) =>
  o.admin.call<{ user: { id: string; username: string } }>("POST", "/users", {
    givenName,
    familyName: "Smith",
    email: `${givenName.toLowerCase()}@${o.slug}.example`,
  });

/** arrived is Ada Head, who came in by the keyboard. */
async function arrived({ slug, username, password }: Founded, width = 1300): Promise<{ person: Person; hands: Hands }> {
  const person = await Person.arrive({ width });
  const hands = new Hands(person.page);
  await person.open(`/o/${slug}`);
  await hands.fill("Username", username);
  await hands.fill("Password", password);
  await hands.press("Enter");
  await person.sees("Welcome, Ada");
  await hands.isAt("heading", "Welcome, Ada");
  return { person, hands };
}

/** goTo follows the menu, whose link the focus is led to from the top of the page. */
async function goTo(hands: Hands, link: string, heading: string): Promise<void> {
  await hands.back("link", link);
  await hands.press("Enter");
  await hands.isAt("heading", heading);
}

describe("with a keyboard and nothing else", () => {
  it("one comes in, skips to the content, and goes where the menu leads", async () => {
    const school = await founded("school-portal");
    const { person, hands } = await arrived(school);
    await hands.back("link", "Skip to the content");
    await hands.press("Enter");
    expect(await person.page.evaluate(() => document.activeElement?.id)).toBe("main");
    await hands.press("Tab");
    expect(await person.page.evaluate(() => document.activeElement?.closest("main") !== null)).toBe(true);
    await goTo(hands, "Users", "Users");
    await goTo(hands, "My account", "My details");
    await hands.to("link", "Password");
    await hands.press("Enter");
    await hands.isAt("heading", "Change password");
    await hands.back("button", "Sign out");
    await hands.press("Enter");
    await person.sees("Sign in");
    await hands.isSomewhere();
  });

  it("a narrow screen's menu opens, leads on and closes", async () => {
    const { hands } = await arrived(await founded("school-portal"), 400);
    await hands.back("button", "Menu");
    await hands.press("Enter");
    await hands.to("link", "Users");
    await hands.press("Enter");
    await hands.isAt("heading", "Users");
    await hands.to("textbox", "First name");
  });

  it("users are added, corrected, and given a new password", async () => {
    const school = await founded("school-portal");
    const { person, hands } = await arrived(school);
    await person.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await goTo(hands, "Users", "Users");
    for (const name of ["Danny", "Roger"]) {
      if (name === "Danny") await hands.fill("First name", name);
      else await hands.type(name); // the row for the next one has the focus
      await hands.fill("Second name", "Smith");
      await hands.fill("Email", `${name}@${school.slug}.example`);
      await hands.press("Enter");
      await person.reads(`${name} Smith has been added`);
      await hands.isAt("textbox", "First name");
    }
    await hands.to("button", "Danny, change First name");
    await hands.press("Enter");
    await hands.isAt("textbox", "First name of Danny Smith");
    await hands.press("Escape");
    await hands.isAt("button", "Danny, change First name");
    await hands.press("F2");
    await hands.type("Daniel");
    await hands.press("Enter");
    await hands.isAt("button", "Daniel, change First name");

    await hands.to("button", "Reset password: Daniel Smith");
    await hands.press("Enter");
    await hands.isAt("button", "Cancel");
    await hands.press("Escape");
    await hands.isAt("button", "Reset password: Daniel Smith");
    await hands.press("Enter");
    await hands.back("button", "Reset password");
    await hands.press("Enter");
    await person.reads("has a new password:");
    await hands.to("button", "Copy: Daniel Smith"); // the next: the password to hand over has the focus
    await hands.press("Enter");
    await person.reads("Copied");
    const shown = await person.page.getByRole("status").locator("code").last().innerText();
    expect(await person.page.evaluate(() => navigator.clipboard.readText())).toBe(shown);
    await hands.to("button", "I have it, hide it");
    await hands.press("Enter");
    await hands.isAt("heading", "Users");

    await hands.to("button", "Delete: Roger Smith");
    await hands.press("Enter");
    await hands.back("button", "Delete");
    await hands.press("Enter");
    await person.reads("has been deleted.");
    await person.page.getByRole("row").filter({ hasText: "Roger" }).waitFor({ state: "detached" });
    await hands.isSomewhere();
  });

  it("users are found, sorted, picked, archived together, and restored", async () => {
    const school = await founded("authority-analytics");
    for (const name of ["Danny", "Roger", "Minnie"]) await add(school, name);
    const { person, hands } = await arrived(school);
    await goTo(hands, "Users", "Users");
    await hands.to("searchbox", "Search");
    await hands.type("Smith");
    await person.reads(/^3 users$/);
    await hands.to("combobox", "Status");
    await hands.press("ArrowDown", "ArrowDown");
    await person.reads("Nobody is found by these filters.");
    await hands.press("ArrowUp");
    await person.reads(/^3 users$/);
    await hands.to("button", /^First name/);
    await hands.press("Enter");
    await hands.isAt("button", /^First name/);
    await person.page.locator("th[aria-sort=ascending]").getByText("First name").first().waitFor();

    for (const name of ["Danny", "Minnie"]) {
      await hands.to("checkbox", `Pick ${name} Smith`);
      await hands.press("Space");
    }
    await person.reads("2 picked");
    await hands.back("button", "Archive");
    await hands.press("Enter");
    await person.sees("Archive 2 users?");
    await hands.press("Escape");
    await hands.isAt("button", "Archive");
    await hands.press("Enter");
    await hands.isAt("button", "Cancel");
    await hands.reach(person.page.getByRole("dialog").getByRole("button", { name: "Archive" }), "Shift+Tab");
    await hands.press("Enter");
    await person.reads("2 of 2 done.");
    await hands.isAt("button", "Close");
    await hands.press("Enter");
    await person.reads("2 users are archived.");
    await hands.isSomewhere();

    await goTo(hands, "Archived users", "Archived users");
    await hands.to("button", "Restore: Danny Smith");
    await hands.press("Enter");
    await hands.back("button", "Restore");
    await hands.press("Enter");
    await hands.isAt("link", "Minnie Smith"); // who has Danny's place now
    await hands.to("button", "Restore: Minnie Smith");
  });

  it("a user's schools are ticked, by the tabs of the user's page", async () => {
    const authority = await founded("authority-analytics");
    const { user } = await add(authority, "Sid");
    for (let n = 1; n <= 15; n += 1) await authority.admin.call("POST", "/schools", { name: `School ${n}` });
    const { person, hands } = await arrived(authority);
    await goTo(hands, "Users", "Users");
    await hands.to("link", user.username);
    await hands.press("Enter");
    await hands.isAt("heading", "Sid Smith");
    await hands.reach(
      person.page.getByRole("navigation", { name: "Sid Smith" }).getByRole("link", { name: "Schools" }),
      "Shift+Tab",
    );
    await hands.press("Enter");
    await hands.isAt("heading", "Schools of Sid Smith");
    await hands.to("searchbox", /^Search in /);
    await hands.type("School 1");
    await hands.to("checkbox", "School 12");
    await hands.press("Space");
    await hands.to("checkbox", "School 13");
    await hands.press("Space");
    await hands.to("button", "Save schools");
    await hands.press("Enter");
    await person.reads("Sid Smith now has 2 schools.");
    await hands.isAt("button", "Save schools");
  });

  it("settings are changed and saved", async () => {
    const { person, hands } = await arrived(await founded("authority-analytics"));
    await goTo(hands, "Settings", "Rules of the organisation");
    await hands.fill("Text on the sign-in page", "Welcome to the authority");
    await hands.to("button", "Save");
    await hands.press("Enter");
    await person.reads("The settings are saved.");
    await hands.isAt("button", "Save");
  });
});
