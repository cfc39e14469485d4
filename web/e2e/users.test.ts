// The page of users: guide 000 as the school's data manager does it, and what the other guides' systems add.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, mailTo, Person } from "./browser";
import { founded, type Founded } from "./organisations";

inBrowser();

/** at is the first administrator on a page of the organisation. */
async function at(
  { slug, username, password, asksAgain }: Founded,
  path = "users",
  heading = "Users",
): Promise<Person> {
  const person = await Person.arrive({ width: 1300 });
  await person.signIn(slug, username, password);
  if (asksAgain) await person.press("I agree");
  await person.sees("Welcome, Ada");
  await person.open(`/o/${slug}/${path}`);
  await person.sees(heading);
  return person;
}

const dialog = (person: Person) => person.page.getByRole("dialog");
const answer = (person: Person, button: string) =>
  dialog(person).getByRole("button", { name: button, exact: true }).click();
const inSight = (element: Element) => {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
};
const row = (person: Person, name: string) => person.page.getByRole("row").filter({ hasText: name });

const add = (o: Founded, givenName: string, familyName: string, more: object = {}) =>
  o.admin.call<{ user: { id: string; username: string; version: number } }>("POST", "/users", {
    givenName,
    familyName,
    email: `${givenName}.${familyName}@${o.slug}.example`.toLowerCase(),
    ...more,
  });

describe("the users of a school, as its data manager looks after them", () => {
  it("are added, corrected, given a new password, and deleted", async () => {
    const school = await founded("school-portal");
    const person = await at(school);
    await person.reads(/^1 user$/);
    await row(person, school.username).getByText("Admin user").waitFor();
    await expectAccessible(person.page);

    // "Enter the first and second name of your new users along with their email … Then just click 'Add as new user'"
    const email = `d.smith@${school.slug}.example`;
    await person.fill("First name", "Danny");
    await person.fill("Second name", "Smith");
    await person.fill("Email", email);
    await person.page.getByLabel("Email", { exact: true }).press("Enter");
    await person.reads(/^Danny Smith has been added with username DSmit\d{4} and initial password$/);
    const initial = await person.page.getByRole("status").locator("code").innerText();
    expect(initial.length).toBeGreaterThanOrEqual(10);
    await person.reads(/^2 users$/);
    await expectAccessible(person.page);
    expect(await person.page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("givenName");
    expect(await person.page.getByLabel("First name", { exact: true }).inputValue()).toBe("");
    const slip = await person.page.locator("[data-sheet]").textContent();
    expect(slip).toContain(initial);
    expect(slip).toContain(`/o/${school.slug}`);
    expect((await mailTo(email, /./)).text).not.toContain(initial);
    await person.press("I have it, hide it");
    await person.page.getByText(initial).waitFor({ state: "detached" });

    // "just click into the table cell containing that detail and edit it … just press the 'Enter' key"
    await person.page.getByRole("button", { name: "Danny, change First name" }).click();
    const cell = person.page.getByLabel("First name of Danny Smith");
    await cell.fill("Daniel");
    await expectAccessible(person.page);
    await cell.press("Enter");
    await person.reads(/^User DSmit\d{4} has been updated to Daniel Smith with email d\.smith@/);
    await person.page.getByRole("button", { name: "Daniel, change First name" }).waitFor();

    await person.press("Reset password: Daniel Smith");
    await person.sees("Reset the password of Daniel Smith?");
    await expectAccessible(person.page);
    await answer(person, "Reset password");
    await person.reads(/^User DSmit\d{4} has a new password:$/);
    expect(await person.page.getByText("has been updated").count()).toBe(0); // what was told before is not said beside it
    expect(await person.page.getByRole("status").locator("code").innerText()).not.toBe(initial);

    await person.press("Delete: Daniel Smith");
    await person.reads("The account is deleted at once, and Daniel Smith is signed out.");
    await answer(person, "Delete");
    await person.reads(/^User DSmit\d{4} \(Daniel Smith\) has been deleted\.$/);
    await person.reads(/^1 user$/);
    await person.page.reload();
    await person.reads(/^1 user$/);
  });

  it("are looked after by the keyboard alone, which is never lost", async () => {
    const school = await founded("school-portal");
    await add(school, "Danny", "Smith");
    await add(school, "Minnie", "Smith");
    const person = await at(school);
    const { keyboard } = person.page;
    const focused = (what: RegExp) =>
      expect
        .poll(() =>
          person.page.evaluate(() => {
            const e = document.activeElement;
            return `${e?.tagName ?? ""} ${e?.getAttribute("aria-label") ?? e?.getAttribute("name") ?? e?.textContent ?? ""}`;
          }),
        )
        .toMatch(what);
    const on = async (button: string) => {
      await person.page.getByRole("button", { name: button, exact: true }).focus();
      await keyboard.press("Enter");
    };

    await on("Reset password: Danny Smith");
    await focused(/^BUTTON Cancel$/);
    await keyboard.press("Escape");
    await focused(/^BUTTON Reset password: Danny Smith$/);

    await keyboard.press("Enter");
    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await focused(/^DIV To be handed over/);
    const first = await person.page.getByRole("status").locator("code").innerText();
    await on("Reset password: Danny Smith");
    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await person.page.getByText(first).locator("visible=true").waitFor({ state: "detached" }); // it no longer works
    expect(await person.page.getByRole("status").locator("code").count()).toBe(1);
    await on("I have it, hide it");
    await focused(/^H1 Users$/);

    await on("More: Danny Smith");
    await focused(/^A Open the user's page$/);
    await keyboard.press("Escape");
    await focused(/^BUTTON More: Danny Smith$/);
    await on("Delete: Danny Smith");
    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await person.reads(/^User DSmit\d{4} \(Danny Smith\) has been deleted\.$/);
    await focused(/^INPUT Pick Minnie Smith$/); // in the row that took the place

    await person.page.getByLabel("Pick Minnie Smith").focus();
    await keyboard.press("Space");
    await on("Suspend");
    await keyboard.press("Shift+Tab");
    await keyboard.press("Enter");
    await focused(/^BUTTON Close$/);
    await keyboard.press("Enter");
    await focused(/^H1 Users$/);
  });

  it("are closed to who may not see them, and no filters are offered", async () => {
    const school = await founded("school-portal");
    const { username } = await school.settle("Tom");
    const person = await Person.arrive();
    await person.signIn(school.slug, username, school.password);
    await person.sees("Welcome, Tom");
    await person.open(`/o/${school.slug}/users`);
    await person.reads("You may not do this. Ask an administrator of your organisation.");
    await person.page.getByRole("alert").getByText("Ada Head").waitFor(); // and who that is
    expect(await person.page.getByLabel("Search").count()).toBe(0);
    expect(await person.page.getByRole("button", { name: "Try again" }).count()).toBe(0);
    await expectAccessible(person.page);
  });

  it("are asked for again where something is wrong, and nothing typed is lost", async () => {
    const school = await founded("school-portal");
    const person = await at(school);
    await person.fill("First name", "Danny");
    await person.fill("Email", "nobody");
    await person.press("Add as new user");
    await person.reads("Please fill this in.");
    await person.fill("Second name", "Smith");
    await person.press("Add as new user");
    await person.page.locator("[name=email][aria-invalid=true]").waitFor();
    expect(await person.page.getByLabel("First name", { exact: true }).inputValue()).toBe("Danny");
    await expectAccessible(person.page);
  });

  it("are corrected by the keyboard: what is wrong is said at the cell, and Escape gives up", async () => {
    const school = await founded("school-portal");
    await add(school, "Danny", "Smith");
    const person = await at(school);
    const button = person.page.getByRole("button", { name: /^danny\.smith@.*, change Email$/ });
    await button.focus();
    await button.press("F2");
    const cell = person.page.getByLabel("Email of Danny Smith");
    await cell.fill("nobody");
    await cell.press("Enter");
    await person.page.locator("[aria-label='Email of Danny Smith'][aria-invalid=true]").waitFor();
    expect(await cell.inputValue()).toBe("nobody");
    await expectAccessible(person.page);
    await cell.press("Escape");
    await button.waitFor();
    expect(await button.evaluate((e) => e === document.activeElement)).toBe(true);
  });

  it("are not overwritten when somebody else changed the same cell first", async () => {
    const school = await founded("school-portal");
    const { user } = await add(school, "Danny", "Smith");
    const person = await at(school);
    await person.page.getByRole("button", { name: "Danny, change First name" }).click();
    await school.admin.call("PATCH", `/users/${user.id}`, { givenName: "Dan" });
    const cell = person.page.getByLabel("First name of Danny Smith");
    await cell.fill("Daniel");
    await cell.press("Enter");
    await person.sees("Somebody else changed this meanwhile");
    await expectAccessible(person.page);
    await person.page.getByLabel("Theirs: Dan").check();
    await answer(person, "Save this");
    await person.page.getByRole("button", { name: "Dan, change First name" }).waitFor();
  });
});

describe("the list", () => {
  it("is narrowed down in the address, sorted by its columns, and says how to see all again", async () => {
    const school = await founded("school-portal");
    await add(school, "Danny", "Smith");
    await add(school, "Minnie", "Minx");
    const person = await at(school, "users?neverSignedIn=true&sort=givenName");
    await person.reads(/^2 users$/);
    expect(await person.page.getByRole("rowheader").count()).toBe(2);
    await person.fill("Search", "minx");
    await row(person, "Danny").waitFor({ state: "detached" });
    await person.reads(/^1 user$/);
    expect(new URL(person.page.url()).searchParams.get("q")).toBe("minx");
    await person.fill("Search", "zzz");
    await person.reads("Nobody is found by these filters.");
    await expectAccessible(person.page);
    await person.page.getByRole("button", { name: "Show all users" }).first().click();
    await person.reads(/^3 users$/);
    await person.page.getByRole("button", { name: "Second name", exact: true }).click();
    await person.page.locator("th[aria-sort=ascending]", { hasText: "Second name" }).waitFor();
    await person.page.getByRole("button", { name: "Second name", exact: true }).click();
    await person.page.locator("th[aria-sort=descending]", { hasText: "Second name" }).waitFor();
    await row(person, "Smith").first().waitFor();
    expect(await person.page.getByRole("row").nth(1).innerText()).toContain("Smith");
  });

  it("shows the columns one wants, also the next time", async () => {
    const school = await founded("school-portal");
    const person = await at(school);
    await person.page.getByText("Columns", { exact: true }).click();
    await person.page
      .getByRole("group", { name: /Columns to show/ })
      .getByLabel("Added")
      .check();
    await person.page.getByRole("columnheader", { name: "Added" }).waitFor();
    await person.page.reload();
    await person.page.getByRole("columnheader", { name: "Added" }).waitFor();
    await expectAccessible(person.page);
  });

  it("tears no word at 1280 px, and keeps what can be done in sight where there are many columns", async () => {
    const college = await founded("learner-registration");
    await add(college, "Jasmine", "Underwood", { roles: ["LRBViewOnlyUser", "LRBOnlineUser"], site: "Eastgate" });
    const person = await at(college);
    await person.page.setViewportSize({ width: 1280, height: 900 });
    await row(person, "Jasmine").waitFor();
    const torn = () =>
      person.page.evaluate(() => {
        const words: string[] = [];
        const texts = document.createTreeWalker(document.querySelector("table") as Node, NodeFilter.SHOW_TEXT);
        for (let node = texts.nextNode(); node; node = texts.nextNode()) {
          for (const { 0: word, index } of (node.textContent ?? "").matchAll(/[^\s-]+/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            if (new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size > 1) words.push(word);
          }
        }
        return words;
      });
    expect(await torn()).toEqual([]);
    await person.page.getByText("Columns", { exact: true }).click();
    const columns = person.page.getByRole("group", { name: /Columns to show/ });
    for (const name of ["Site", "Status", "End date", "Added"]) await columns.getByLabel(name, { exact: true }).check();
    expect(await torn()).toEqual([]);
    expect(await person.page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
    const more = person.page.getByRole("button", { name: "More: Jasmine Underwood" });
    expect(await more.evaluate((e) => e.getBoundingClientRect().right <= innerWidth)).toBe(true);
    await expectAccessible(person.page);
  });

  it("does one thing with many, after a question, and says whom it could not be done with", async () => {
    const school = await founded("school-portal");
    await add(school, "Danny", "Smith");
    await add(school, "Minnie", "Minx");
    const gone = await add(school, "Gone", "Already");
    const person = await at(school);
    await person.page.getByLabel("Pick all 4 shown").check();
    await person.page.getByRole("button", { name: "Suspend", exact: true }).click();
    await person.sees("Suspend 3 users?");
    await person.reads(/1 of those picked is left out/);
    await expectAccessible(person.page);
    await school.admin.call("DELETE", `/users/${gone.user.id}`);
    await answer(person, "Suspend");
    await person.reads("2 of 3 done.");
    await person.reads(/^Gone Already \(GAlre\d{4}\): /);
    await expectAccessible(person.page);
    await answer(person, "Close");
    expect(await person.page.getByText("Suspended", { exact: true }).locator("visible=true").count()).toBe(2);

    await person.page.getByLabel("Pick Danny Smith").check();
    await person.page.getByRole("button", { name: "Set end date" }).click();
    await expectAccessible(person.page);
    await dialog(person).getByLabel("End date").fill("2099-07-31");
    await answer(person, "Set end date");
    await person.reads("1 of 1 done.");
    await answer(person, "Close");
    await person.reads("The end date of 1 user is set.");

    await person.page.getByLabel("Pick Danny Smith").check();
    await person.page.getByLabel("Pick Minnie Minx").check();
    await person.page.getByRole("button", { name: "Reset passwords" }).click();
    await expectAccessible(person.page);
    await answer(person, "Reset passwords");
    await person.reads("2 of 2 done.");
    await answer(person, "Close");
    await person.page.getByRole("button", { name: "Print 2 slips" }).waitFor();
    await expectAccessible(person.page);
    expect(await person.page.locator("[data-sheet] section").count()).toBe(2);
    for (const action of ["Archive", "Delete"]) {
      await person.page.getByLabel("Pick Minnie Minx").check();
      await person.page.getByRole("button", { name: action, exact: true }).first().click();
      await person.sees(`${action} 1 user?`);
      await expectAccessible(person.page);
      await answer(person, "Cancel");
    }
  });

  it("is narrowed down to those of a school, which is found by the beginning of its name", async () => {
    const authority = await founded("authority-analytics");
    const hill = await authority.admin.call<{ id: string }>("POST", "/schools", { name: "Hill Primary School" });
    const { user } = await add(authority, "Danny", "Smith");
    await authority.admin.call("PUT", `/users/${user.id}/schools`, { schools: [{ id: hill.id }] });
    const person = await at(authority);
    await person.reads(/^2 users$/);
    await person.fill("School", "Valley");
    await person.reads("No school begins like that.");
    await expectAccessible(person.page);
    await person.fill("School", "Hill Primary School");
    await person.reads(/^1 user$/);
    await row(person, "Danny").waitFor();
    expect(new URL(person.page.url()).searchParams.get("school")).toBe(hill.id);
    await expectAccessible(person.page);
  });
});

describe("other systems", () => {
  it("ask for roles at creation, and say that there are too few super users (guide 001)", async () => {
    const college = await founded("learner-registration");
    const person = await at(college);
    await person.reads("There is only 1 with the role LRBSuperUser");
    await person.fill("First name", "Harold");
    await person.fill("Second name", "Pinnock");
    await person.fill("Email", `h.pinnock@${college.slug}.example`);
    await person.page.getByText("Roles and more details").click(); // what is wrong is seen though it was folded away
    await person.press("Add as new user");
    await person.page.locator("[data-invalid-group]").waitFor();
    await expectAccessible(person.page);
    expect(await person.page.getByLabel("AwardingBodyUser", { exact: true }).count()).toBe(0); // for who is entitled
    await person.page.getByLabel("LRBOnlineUser", { exact: true }).check();
    await person.page.getByLabel("LRBBatchUser", { exact: true }).check();
    await person.press("Add as new user");
    await person.reads(/^Harold Pinnock has been added with username/);
    await row(person, "Harold").getByText("LRBBatchUser, LRBOnlineUser").waitFor();
    // the button was pressed below a long form: the password is in sight nevertheless
    expect(await person.page.getByRole("status").locator("code").evaluate(inSight)).toBe(true);
  });

  it("say of a user who is locked out that it is so, until a super user unlocks the account (guide 001, 6.1)", async () => {
    const college = await founded("learner-registration");
    const { user } = await add(college, "Harold", "Pinnock", { roles: ["LRBOnlineUser"] });
    const harold = await Person.arrive();
    await harold.open(`/o/${college.slug}`);
    await harold.fill("Username", user.username);
    for (let tried = 0; tried < 6; tried++) {
      await harold.fill("Password", `Wrong$guess${tried}`);
      const answered = harold.page.waitForResponse(
        (r) => r.url().endsWith("/session") && r.request().method() === "POST",
      );
      await harold.press("Sign in");
      await answered;
    }
    await harold.reads("This account is locked after too many wrong tries.");
    await expectAccessible(harold.page);

    const person = await at(college);
    await person.press("More: Harold Pinnock");
    await person.reads("Locked after too many wrong passwords or codes.");
    await dialog(person).getByRole("button", { name: "Unlock" }).waitFor();
    await expectAccessible(person.page);
    await dialog(person).getByRole("link").press("Enter");
    await person.sees("Harold Pinnock");
    await person.reads(/Locked after too many wrong passwords/);
    await expectAccessible(person.page);
    await person.press("Unlock");
    await answer(person, "Unlock");
    await person.reads("Can sign in.");
    await person.page.getByRole("button", { name: "Unlock" }).waitFor({ state: "detached" });
    await person.follow("Roles and rights");
    await person.reads("Your organisation is not entitled to it.");
    expect(await person.page.getByLabel("AwardingBodyUser", { exact: true }).isDisabled()).toBe(true);
  });

  it("speak Danish, and have initials chosen (guide 004)", async () => {
    const { organisation, username, password } = await known("havnegade-skole", "Kirsten Holm");
    const person = await Person.arrive({ language: "da-DK", width: 1300 });
    await person.logInd(organisation, username, password);
    await person.sees("Velkommen, Kirsten");
    await person.open(`/o/${organisation}/users`);
    await person.sees("Brugere");
    const initials = `e${Date.now().toString(36).slice(-6)}`;
    await person.fill("Fornavn", "Æske");
    await person.fill("Efternavn", "Ørsted");
    await person.fill("Mailadresse", `${initials}@havnegade.example`);
    await person.press("Tilføj som ny bruger");
    await person.reads("Udfyld venligst dette felt.");
    await person.page.locator("[name=username]").fill(initials);
    await person.press("Tilføj som ny bruger");
    await person.reads(`Æske Ørsted er tilføjet med brugernavnet ${initials} og adgangskoden`);
    await expectAccessible(person.page);
  });
});
