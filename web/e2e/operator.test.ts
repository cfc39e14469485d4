// What operators of the platform do: set organisations up, look after them, help inside, and close them.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, Person, Programme } from "./browser";
import { founded } from "./organisations";

inBrowser();

let made = 0;

/** fresh is a short name that no other test has. */
function fresh(): string {
  made += 1;
  return `e2e-${Date.now().toString(36)}-${made}`;
}

async function operator(settings = {}) {
  const { username, password } = await known("operator", "Olive Operator");
  const person = await Person.arrive(settings);
  await person.signIn("operator", username, password);
  await person.sees("Welcome, Olive");
  return person;
}

describe("an operator", () => {
  it("sets an organisation up, and hands its first administrator's password over", async () => {
    const person = await operator();
    await person.page.getByRole("main").getByRole("link", { name: "Organisations", exact: true }).click();
    await person.sees("Closed");
    await expectAccessible(person.page);
    await person.follow("Set up an organisation");
    await person.sees("Set up an organisation");
    await expectAccessible(person.page);
    const slug = fresh();
    await person.fill("Name", "Plum Lane Learning");
    await person.fill("Short name", "Plum Lane");
    await person.page.getByLabel("Learner registration", { exact: true }).check();
    await person.page.getByLabel("Accepted for learner plans").check();
    await person.fill("First name", "Prue");
    await person.fill("Second name", "Plum");
    await person.fill("Email", "prue@plum-lane");
    await person.press("Set it up");
    await person.reads("Please use 2 to 40 characters of a-z, 0-9 and single hyphens");
    await person.reads("Please type an email address such as name@example.org.");
    await person.fill("Short name", slug);
    await person.fill("Email", "prue@plum-lane.example");
    await person.press("Set it up");
    await person.sees("Plum Lane Learning is ready");
    await person.reads(/Prue Plum is administrator\. The username is \w+/);
    await expectAccessible(person.page);
    await person.follow("Go to Plum Lane Learning");
    await person.sees("Plum Lane Learning");
    await expectAccessible(person.page);
    expect(await person.page.getByLabel("Accepted for learner plans").isChecked()).toBe(true);
    expect(await person.page.getByLabel("Accepted for learner records").isChecked()).toBe(false);
  });

  it("finds an organisation, renames it, and sees what somebody else changed meanwhile", async () => {
    const { slug, name: before } = await founded();
    const programme = await Programme.of("operator", "Olive Operator");
    const person = await operator();
    await person.page.getByRole("main").getByRole("link", { name: "Organisations", exact: true }).click();
    await person.fill("Search", slug);
    await person.reads("1 organisation");
    await person.follow(before);
    await person.sees(before);
    await person.fill("Name", `Academy ${slug}`);
    await programme.call("PATCH", `/operator/organisations/${slug}`, { language: "da" });
    await person.press("Save");
    await person.sees("Somebody else changed this meanwhile");
    await expectAccessible(person.page);
    await person.press("Save this");
    await person.sees(`Academy ${slug}`);
    const { name, language } = await programme.call<{ name: string; language: string }>(
      "GET",
      `/operator/organisations/${slug}`,
    );
    expect([name, language]).toEqual([`Academy ${slug}`, "da"]);
    await person.follow("All organisations");
    await person.reads(`Academy ${slug}`);
  });

  it("gives an organisation that lost its administrator a further one, with who asked and what proves it", async () => {
    const { slug, name, admin } = await founded();
    const person = await operator();
    await person.open(`/o/operator/organisations/${slug}`);
    await person.follow("Add an administrator");
    await person.sees(`Add an administrator to ${name}`);
    await expectAccessible(person.page);
    await person.fill("First name", "Nina");
    await person.fill("Second name", "New");
    await person.fill("Email", `nina@${slug}.example`);
    await person.fill("Name", "Harriet Chair");
    await person.fill("Position", "Chair of governors");
    await person.press("Add as administrator");
    await person.reads("Please fill this in.");
    await person.fill("What proves it", "Letter of 3 May, called back at the school's number");
    await person.press("Add as administrator");
    await person.reads(/Nina New is administrator\. The username is \w+/);
    await expectAccessible(person.page);
    await person.press("I have it, hide it");
    await person.follow(`Back to ${name}`);
    await person.sees(name);
    const trail = await admin.call<{ items: { note?: string }[] }>("GET", "/audit");
    expect(JSON.stringify(trail.items)).toContain("Harriet Chair, Chair of governors");
  });

  it("goes in as support where that is let in, is shown so all the time, and leaves", async () => {
    const { slug, admin } = await founded();
    const person = await operator();
    await person.open(`/o/operator/organisations/${slug}`);
    await person.fill("Reason", "Case 4711");
    await person.press("Enter as support");
    await person.reads("This organisation does not let support in at present.");
    expect(await person.page.getByLabel("Reason").inputValue()).toBe("Case 4711");
    await admin.call("PUT", "/support-access", { open: true });
    await person.press("Enter as support");
    const banner = person.page.getByRole("region", { name: "You are in as support" });
    await banner.waitFor();
    await person.reads(/Support session of Olive Operator until .* Reason: Case 4711/);
    await expectAccessible(person.page);
    expect(new URL(person.page.url()).pathname).toBe(`/o/${slug}/home`);
    await person.follow("My account");
    await banner.waitFor();
    await banner.getByRole("button", { name: "Leave" }).click();
    await person.sees("Sign in");
    expect(new URL(person.page.url()).pathname).toBe("/o/operator");
    const log = await admin.call<{ items: { reason: string }[] }>("GET", "/support-access/log");
    expect(log.items[0]?.reason).toBe("Case 4711");
  });

  it("closes an organisation by typing its short name, and opens it again", async () => {
    const { slug, name } = await founded();
    const person = await operator();
    await person.open(`/o/operator/organisations/${slug}`);
    await person.press("Close this organisation");
    await person.sees(`Close ${name}?`);
    await expectAccessible(person.page);
    await person.fill(`Type ${slug} to confirm`, "something");
    await person.press("Close it");
    await person.reads(`Please type exactly: ${slug}`);
    await person.fill(`Type ${slug} to confirm`, slug);
    await person.press("Close it");
    await person.reads(new RegExp(`${name} is closed\\. It can be reopened until`));
    await expectAccessible(person.page);
    await person.press(`Reopen: ${name}`);
    await person.sees(`Reopen ${name}?`);
    await person.page.getByRole("dialog").getByRole("button", { name: "Reopen" }).click();
    await person.reads(`${name} is open again.`);
    await person.follow(name);
    await person.sees(name);
  });

  it("writes to the users of all organisations, after seeing the mail", async () => {
    const person = await operator();
    await person.follow("Announcements to all");
    await person.sees("Announcements to all");
    await expectAccessible(person.page);
    await person.page.getByRole("link", { name: "Write an announcement" }).click();
    await person.sees("Write to all organisations");
    await expectAccessible(person.page);
    const subject = `A break on Sunday ${fresh()}`;
    await person.fill("Subject", subject);
    await person.fill("Text", "The service rests from 6 to 7.");
    await person.press("Look at it before sending");
    await person.reads(subject);
    await person.page.getByRole("dialog").getByRole("button", { name: /^Send/ }).click();
    await person.sees(subject);
  });
});
