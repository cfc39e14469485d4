// What everybody does once they are in, and what happens when session or connection are lost meanwhile.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { known, mailTo, Person, Programme, settled, inBrowser } from "./browser";
import { founded } from "./organisations";

inBrowser();

async function signedIn(settings = {}) {
  const made = await settled();
  const person = await Person.arrive(settings);
  await person.signIn("bash-street", made.user.username, "Minnie7Minx");
  await person.sees("Welcome, Danny");
  return { person, ...made };
}

describe("the home page", () => {
  it("shows closed areas too, and whom to ask for them", async () => {
    const { person } = await signedIn();
    await expectAccessible(person.page);
    const closed = person.page.getByRole("region", { name: "Closed to you" }).getByRole("listitem");
    expect(await closed.count()).toBe(4); // my stuff, upload, contact and users, as the guide has it
    await person.sees("You need an area that is closed?");
    await person.reads("j.admin@bash-street.example");
  });

  it("takes the keyboard past the menu, and the focus to the heading of the next page", async () => {
    const { person } = await signedIn();
    await person.page.reload();
    await person.sees("Welcome, Danny");
    await person.page.keyboard.press("Tab");
    await person.page.keyboard.press("Enter");
    expect(await person.page.evaluate(() => document.activeElement?.id)).toBe("main");
    await person.follow("My account");
    await person.sees("My details");
    expect(await person.page.evaluate(() => document.activeElement?.textContent)).toBe("My details");
    expect(await person.page.title()).toBe("My details · Bash Street School");
  });

  it("is in Danish where the organisation is, and in the language somebody chooses", async () => {
    const { username, password } = await known("havnegade-skole", "Lars Bøgh Madsen");
    const person = await Person.arrive({ language: "fr" });
    await person.open("/o/havnegade-skole");
    await person.page.getByLabel("Brugernavn", { exact: true }).fill(username);
    await person.page.getByLabel("Adgangskode", { exact: true }).fill(password);
    expect(await person.page.evaluate(() => document.documentElement.lang)).toBe("da");
    await expectAccessible(person.page);
    await person.page.getByLabel("Sprog").selectOption("English");
    await person.sees("Sign in");
    await person.page.reload();
    await person.sees("Sign in");
  });
});

describe("names of rights, roles and areas", () => {
  it("are in the language that is read, whatever the organisation's is", async () => {
    const { slug, username, password } = await founded("school-intranet", "da");
    const person = await Person.arrive({ language: "da" });
    await person.logInd(slug, username, password);
    await person.sees("Velkommen, Ada");
    const menu = person.page.getByRole("navigation", { name: "Hovedmenu" });
    await menu.getByRole("link", { name: "Sikkerhedsgrupper" }).click();
    await person.sees("Sikkerhedsgrupper");
    await person.page.getByRole("row").filter({ hasText: "Almindelige lærere" }).waitFor();
    await person.page.getByLabel("Sprog", { exact: true }).selectOption("English");
    await person.sees("Security groups");
    await person.follow("Ordinary teachers");
    await person.sees("Ordinary teachers");
    await person.page.getByLabel("Put up and change notices").waitFor();
    await person.follow("Home");
    await person.page.getByRole("region", { name: "Open to you elsewhere" }).getByText("Coordination").waitFor();
    await expectAccessible(person.page);
  });
});

describe("the administration", () => {
  it("is opened by the security code, where the organisation has one", async () => {
    const { slug, username, password, admin } = await founded("school-intranet", "da");
    await admin.call("PUT", "/security-code", { securityCode: "Havn-2026-kode" });
    const person = await Person.arrive({ language: "da" });
    await person.logInd(slug, username, password);
    await person.sees("Åbn administrationen");
    await expectAccessible(person.page);
    await person.fill("Sikkerhedskode", "wrong");
    await person.press("Åbn");
    await person.reads("Sikkerhedskoden er forkert.");
    await person.fill("Sikkerhedskode", "Havn-2026-kode");
    await person.press("Åbn");
    await person.page.getByRole("heading", { name: "Åbn administrationen" }).waitFor({ state: "detached" });
  });
});

describe("one's own account", () => {
  it("has details that the administrators keep, where the organisation wants it so", async () => {
    const { person, user } = await signedIn();
    await person.follow("My account");
    await person.reads(user.username);
    await person.reads("These details are kept by the administrators of your organisation.");
    await expectAccessible(person.page);
  });

  it("has details to change, where the organisation leaves them to oneself", async () => {
    const { organisation, username, password } = await known("northfield-college", "Lewis Grant");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.press("I agree");
    await person.sees("Welcome, Lewis");
    await person.follow("My account");
    await person.fill("Telephone", "ring me");
    await person.press("Save");
    await person.reads("Please type a telephone number such as +44 20 7946 0000.");
    await person.page.getByLabel("Language", { exact: true }).selectOption("Dansk");
    await person.press("Gem");
    await person.reads("Skriv venligst et telefonnummer som +45 12 34 56 78.");
    expect(await person.page.getByLabel("Telefon", { exact: true }).inputValue()).toBe("ring me");
    await person.page.getByLabel("Sprog", { exact: true }).selectOption("English");
    await person.fill("Telephone", "020 7946 0018");
    await person.press("Save");
    await person.reads("Saved.");
    await person.fill("Telephone", "020 7946 0019"); // once more, from the version that is there now
    await person.press("Save");
    await person.page.reload();
    await person.sees("My details");
    expect(await person.page.getByLabel("Telephone", { exact: true }).inputValue()).toBe("020 7946 0019");
    await expectAccessible(person.page);
  });

  it("shows both versions where somebody else has changed the details meanwhile", async () => {
    const admin = await Programme.of("northfield-college", "Sarah Whitfield");
    await admin.call("POST", "/session/agreement", { version: 1, accepted: true }); // as at every sign-in there
    const { items } = await admin.call<{ items: { id: string }[] }>("GET", "/users?q=lewis");
    const { organisation, username, password } = await known("northfield-college", "Lewis Grant");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.press("I agree");
    await person.follow("My account");
    await person.sees("My details");
    await person.fill("Telephone", "020 7946 0100");
    await admin.call("PATCH", `/users/${items[0]?.id ?? ""}`, { telephone: "020 7946 0200", mobile: "07700 900300" });
    await person.press("Save");
    await person.sees("Somebody else changed this meanwhile");
    await expectAccessible(person.page);
    await person.page.getByLabel("Theirs: 020 7946 0200").check();
    await person.page.getByLabel("Yours: 020 7946 0100").check();
    await person.press("Save this");
    await person.reads("Saved.");
    await person.page.reload();
    await person.sees("My details");
    const held = (label: string) => person.page.getByLabel(label, { exact: true }).inputValue();
    expect([await held("Telephone"), await held("Mobile")]).toEqual(["020 7946 0100", "07700 900300"]);
  });

  it("says what one may do and why, and what not", async () => {
    const { slug, admin, settle } = await founded("school-intranet", "da");
    const { id, username } = await settle("Bo", { username: "bs", language: "en" });
    await admin.call("PUT", `/users/${id}/rights`, { grant: ["news.edit"], deny: ["calendar.edit"] });
    const person = await Person.arrive();
    await person.open(`/o/${slug}`);
    await person.page.getByLabel("Sprog", { exact: true }).selectOption("English");
    await person.fill("Username", username);
    await person.fill("Password", "Harp$likes$maths1");
    await person.press("Sign in");
    await person.sees("Welcome, Bo");
    await person.follow("My account");
    expect(await person.page.getByLabel("Language of mails to you").inputValue()).toBe("en");
    await person.follow("What I may do");
    await person.sees("What I may do");
    const under = (reason: string) => person.page.getByRole("list", { name: reason });
    await under("By the role Ordinary teachers.").getByText("Book rooms and equipment").waitFor();
    await under("Granted to you alone.").getByText("Write and change news").waitFor();
    await person.page.getByText("Show 33 rights").click();
    await under("Denied to you, whatever your roles say.").getByText("Change the calendar of activities").waitFor();
    await under("None of your roles allows it.").getByText("Change security groups").waitFor();
    await person.reads("Ada Head");
    await expectAccessible(person.page);
  });

  it("has a password to change, which a mail tells of", async () => {
    const { person, user } = await signedIn();
    await person.follow("Password");
    await person.sees("Change password");
    await expectAccessible(person.page);
    await person.fill("Current password", "wrong");
    await person.fill("New password", "Plug7Plugsy");
    await person.fill("New password again", "Plug7Plugsy");
    await person.press("Change password");
    await person.page.locator("[name=currentPassword][aria-invalid=true]").waitFor();
    await person.fill("Current password", "Minnie7Minx");
    await person.press("Change password");
    await person.reads("Your password was changed.");
    expect(await person.page.getByLabel("New password", { exact: true }).inputValue()).toBe("");
    await mailTo(user.email, /password has been changed/i);
  });

  it("shows where one is signed in, and ends what should not be", async () => {
    const { person, user } = await signedIn();
    const elsewhere = await Person.arrive();
    await elsewhere.signIn("bash-street", user.username, "Minnie7Minx");
    await elsewhere.sees("Welcome, Danny");
    await person.follow("My account");
    await person.follow("Where I am signed in");
    await person.reads("This browser");
    await expectAccessible(person.page);
    await person.press("Sign out everywhere else");
    await person.sees("Sign out everywhere else?");
    await expectAccessible(person.page);
    await person.page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere else" }).click();
    await person.page.getByText("1 place", { exact: true }).waitFor();
    await elsewhere.follow("My account");
    await elsewhere.sees("Please sign in again");
  });

  it("lets one decline general mails", async () => {
    const { person } = await signedIn();
    await person.follow("My account");
    await person.follow("Mails");
    const news = person.page.getByRole("checkbox", { name: "News", exact: true });
    await news.waitFor();
    await expectAccessible(person.page);
    const before = await news.isChecked();
    await news.setChecked(!before);
    await person.press("Save");
    await person.reads("Saved.");
    await person.page.reload();
    await news.waitFor();
    expect(await news.isChecked()).toBe(!before);
  });

  it("tells what was done, so that one notices what one did not do", async () => {
    const { person } = await signedIn();
    await person.follow("My account");
    await person.follow("Activity");
    await person.reads("Agreed to the conditions of use");
    await expectAccessible(person.page);
  });
});

describe("customer service", () => {
  it("is written to by who may", async () => {
    const { organisation, username, password } = await known("bash-street", "Jane Admin");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.sees("Welcome, Jane");
    await person.page.getByRole("navigation").getByRole("link", { name: "Contact" }).click();
    await person.sees("Contact");
    expect(await person.page.getByRole("main").getByText("Jane Admin").count()).toBe(0); // who is told to ask nobody, least of all herself
    await expectAccessible(person.page);
    await person.fill("Subject", "Upload");
    await person.fill("Message", "Where do files go?");
    await person.press("Send");
    await person.reads(/Your message was sent. Its number is/);
    await mailTo("customer.service@caretaker.example", /Upload/);
  });
});

describe("nothing typed is lost", () => {
  it("when the session is over: one signs in above the page, and goes on", async () => {
    const { organisation, username, password } = await known("bash-street", "Jane Admin");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.sees("Welcome, Jane");
    await person.page.getByRole("navigation").getByRole("link", { name: "Contact" }).click();
    await person.fill("Subject", "A long letter");
    await person.fill("Message", "Written for an hour.");
    await person.context.clearCookies();
    await person.press("Send");
    await person.sees("Please sign in again");
    await expectAccessible(person.page);
    const dialog = person.page.getByRole("dialog");
    expect(await dialog.getByLabel("Username", { exact: true }).inputValue()).toBe(username);
    await dialog.getByLabel("Password", { exact: true }).fill(password);
    await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
    await person.reads(/Your message was sent. Its number is/);
  });

  it("when there is no connection: it is said, and read again by itself", async () => {
    const { person } = await signedIn();
    await person.context.setOffline(true);
    await person.follow("My account");
    await person.reads("There is no connection at the moment.");
    await person.context.setOffline(false);
    await person.sees("My details");
    await person.page.getByText("There is no connection at the moment.").waitFor({ state: "detached" });
  });
});

describe("a session that is about to end", () => {
  it("is told of before, and kept by one click", async () => {
    const { person } = await signedIn();
    await person.page.clock.install();
    await person.page.reload();
    await person.sees("Welcome, Danny");
    const { idleMinutes } = (await (await person.context.request.get("/api/v1/session")).json()) as {
      idleMinutes: number;
    };
    await person.page.clock.fastForward((idleMinutes - 1) * 60_000);
    await person.sees("Are you still there?");
    await expectAccessible(person.page);
    await person.press("Stay signed in");
    await person.page.getByRole("dialog").waitFor({ state: "detached" });
    await person.page.clock.fastForward((idleMinutes + 1) * 60_000);
    await person.sees("Please sign in again");
  });
});

describe("what is not there", () => {
  it("is said inside and outside", async () => {
    const { person } = await signedIn();
    await person.open("/o/bash-street/no/such/page");
    await person.sees("There is no such page");
    await expectAccessible(person.page);
    await person.open("/operator/nothing");
    await person.sees("There is no such page");
    const response = await person.open("/nowhere");
    expect(response?.status()).toBe(404);
  });
});
