// The overview: what needs attention leads to those whom it is about, and every chart has its figures in words.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, mailTo, Person, Programme } from "./browser";
import { founded } from "./organisations";

inBrowser();

const menu = (person: Person, name: string) =>
  person.page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
const rowsOf = (person: Person) => person.page.getByRole("row").filter({ has: person.page.getByRole("cell") });

interface Made {
  user: { id: string; username: string; email: string };
}

describe("the overview", () => {
  it("shows a data manager how an authority stands", async () => {
    const { organisation, username, password } = await known("wessex", "Helen Ashcombe");
    const person = await Person.arrive({ width: 1300 });
    await person.signIn(organisation, username, password);
    await person.sees("Welcome, Helen");
    await menu(person, "Overview");
    await person.sees("Overview");
    await person.sees("What needs attention");
    await person.sees("What will happen to accounts");
    await expectAccessible(person.page);

    const last = person.page.getByRole("region", { name: "Last sign-in" });
    await last.getByText("Show the figures as a table").click();
    await expectAccessible(person.page);
    const figures = await last.locator("tbody tr td:last-child").allInnerTexts();
    const helen = await Programme.of("wessex", "Helen Ashcombe");
    const users = await helen.call<{ items: unknown[] }>("GET", "/users?limit=100");
    expect(figures.reduce((sum, f) => sum + Number(/\d+$/.exec(f.trim())?.[0]), 0)).toBe(users.items.length);

    const month = person.page.getByRole("region", { name: "What will happen to accounts" }).locator("details").first();
    await month.locator("summary").click();
    await month
      .getByText(/Warning \d$/)
      .first()
      .waitFor();
    await expectAccessible(person.page);
    const link = month.getByRole("link").first();
    const name = await link.innerText();
    await link.click();
    await person.sees("Users");
    await rowsOf(person)
      .filter({ hasText: name.split(" ")[0] ?? name })
      .first()
      .waitFor();
  });

  it("leads from what needs attention to those whom it is about", async () => {
    const authority = await founded("authority-analytics");
    const { slug, username, password, admin } = authority;
    const add = (givenName: string) =>
      admin.call<Made>("POST", "/users", { givenName, familyName: "Smith", email: `${givenName}@${slug}.example` });
    const person = await Person.arrive({ width: 1300 });
    await person.signIn(slug, username, password);
    await person.sees("Welcome, Ada");
    await menu(person, "Overview");
    await person.reads(
      "There is only 1 administrator. Appoint at least two deputies, so that somebody can always help.",
    );

    const [sue, lou, bo] = [await add("Sue"), await add("Lou"), await add("Bo")];
    await admin.call("POST", `/users/${sue.user.id}/suspend`);
    const wrong = { organisation: slug, username: lou.user.username, password: "not-the-password" };
    const attempt = () =>
      admin.call("POST", "/session", wrong).then(
        () => true,
        () => false,
      );
    for (let i = 0; i < 10; i += 1) expect(await attempt()).toBe(false);
    await mailTo(bo.user.email.toLowerCase(), /./);
    const bounced = await fetch(new URL("/dev/bounce", person.page.url()), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ to: bo.user.email, kind: "bounce" }),
    });
    expect(bounced.ok, await bounced.text()).toBe(true);

    await menu(person, "Users"); // and back: it is counted anew
    await person.sees("Users");
    await menu(person, "Overview");
    await person.reads("1 user is locked out after too many wrong passwords or codes:");
    await person.reads("1 user is suspended.");
    await person.reads(/^1 user cannot be reached by email/);
    await expectAccessible(person.page);

    for (const [link, name, address] of [
      ["See who is suspended", "Sue", "status=suspended"],
      ["See who cannot be reached", "Bo", "undeliverable=true"],
    ] as const) {
      await person.follow(link);
      await person.sees("Users");
      expect(person.page.url()).toContain(address);
      await person.reads(/^1 user$/);
      await rowsOf(person).filter({ hasText: name }).first().waitFor();
      await person.page.goBack();
      await person.sees("What needs attention");
    }
    await person.follow("Lou Smith");
    await person.reads(/Locked after too many wrong passwords/);
    await person.page.getByRole("button", { name: "Unlock" }).waitFor();
    await person.page.goBack();
    await person.sees("What needs attention");
    await person.follow("See who never signed in");
    await person.reads(/^3 users$/);
  });

  it("speaks Danish", async () => {
    const { organisation, username, password } = await known("havnegade-skole", "Kirsten Holm");
    const person = await Person.arrive({ language: "da-DK" });
    await person.logInd(organisation, username, password);
    await person.sees("Velkommen, Kirsten");
    await menu(person, "Oversigt");
    await person.sees("Hvad der kræver opmærksomhed");
    await person.sees("Seneste login");
    await person.page.getByText("Vis tallene som tabel").first().click();
    await expectAccessible(person.page);
  });
});
