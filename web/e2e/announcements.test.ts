// Mails to everybody in an organisation: written, looked at, counted, sent.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, mailTo, Person, Programme, settled } from "./browser";

inBrowser();

async function administrator(settings = {}) {
  const { organisation, username, password } = await known("bash-street", "Jane Admin");
  const person = await Person.arrive(settings);
  await person.signIn(organisation, username, password);
  await person.sees("Welcome, Jane");
  await person.page.getByRole("navigation").getByRole("link", { name: "Announcements" }).click();
  await person.sees("Announcements");
  return person;
}

describe("announcements", () => {
  it("say at the field what is wrong, and keep what was typed", async () => {
    const person = await administrator();
    await expectAccessible(person.page);
    await person.follow("Write an announcement");
    await person.sees("Write an announcement");
    await person.fill("Text", "The service is down on Sunday.");
    await person.press("Look at it before sending");
    await person.page.locator("[name=subject][aria-invalid=true]").waitFor();
    await expectAccessible(person.page);
    await person.fill("Subject", "x".repeat(500));
    await person.press("Look at it before sending");
    await person.page.locator("[name=subject][aria-invalid=true]").waitFor();
    expect(await person.page.getByLabel("Text", { exact: true }).inputValue()).toBe("The service is down on Sunday.");
  });

  it("are shown as the mail will be, counted, and go back to the form with all that was typed", async () => {
    const { user } = await settled();
    const reader = await Programme.of("bash-street", "Jane Admin");
    const { recipients } = await reader.call<{ recipients: number }>("POST", "/announcements?dryRun=true", {
      category: "service",
      subject: "Downtime",
      body: "On Sunday.",
    });
    const person = await administrator();
    await person.follow("Write an announcement");
    const subject = `Downtime ${Date.now()}`;
    await person.fill("Subject", subject);
    await person.fill("Text", "On Sunday from 8.00 to 9.00.\n\nThere is nothing for you to do.");
    await person.press("Look at it before sending");
    await person.sees("Send this?");
    await expectAccessible(person.page);
    await person.reads(`${recipients} people will get it. Send it?`);
    const shown = await person.page.getByRole("region", { name: "The mail" }).innerText();
    await person.press("Go back and change it");
    expect(await person.page.getByLabel("Subject", { exact: true }).inputValue()).toBe(subject);

    await person.press("Look at it before sending");
    await person.press(`Send to ${recipients} people`);
    await person.sees(subject);
    await person.reads("Sent. The mails are being written now.");
    await person.reads(`${recipients} mails`);
    await expectAccessible(person.page);

    const mail = await mailTo(user.email, new RegExp(subject));
    const plain = (text: string) => text.replace(/[\u2066-\u2069]/g, "").replace(/\s+/g, " ");
    expect(plain(mail.subject)).toBe(`Jane Admin: ${subject}`);
    const said = plain(mail.text).replace(" through Caretaker", "").replace("-- ", "");
    for (const line of shown
      .split("\n")
      .filter((l) => l.trim() !== "")
      .slice(1)) {
      expect(said).toContain(plain(line).trim());
    }

    await person.follow("All announcements");
    await person.page.getByRole("row").filter({ hasText: subject }).getByText(`${recipients} mails`).waitFor();
    await expectAccessible(person.page);
  });

  it("with news are not for who declined it", async () => {
    const { user, password } = { ...(await settled()), password: "Minnie7Minx" };
    const declining = new Programme();
    await declining.call("POST", "/session", { organisation: "bash-street", username: user.username, password });
    const admin = await Programme.of("bash-street", "Jane Admin");
    const news = { category: "news", subject: "A tutorial", body: "It is there." };
    const counted = async () =>
      (await admin.call<{ recipients: number }>("POST", "/announcements?dryRun=true", news)).recipients;
    await declining.call("PUT", "/me/communications", { news: true, newsletter: false });
    const before = await counted();
    await declining.call("PUT", "/me/communications", { news: false, newsletter: false });
    const person = await administrator();
    await person.follow("Write an announcement");
    await person.page.getByLabel("News", { exact: true }).check();
    await person.fill("Subject", "A tutorial");
    await person.fill("Text", "It is there.");
    await person.press("Look at it before sending");
    await person.reads(new RegExp(`^${before - 1} (person|people) will get it`));
    await person.reads("It is general news. Stop receiving news");
  });

  it("are not offered to who may not send them", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.sees("Welcome, Danny");
    expect(await person.page.getByRole("link", { name: "Announcements" }).count()).toBe(0);
    await person.open("/o/bash-street/announcements");
    await person.reads("You may not do this. Ask an administrator of your organisation.");
  });
});
