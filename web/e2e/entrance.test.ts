// The way in, as the guides show it: sign-in with every challenge, and a forgotten password.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { known, mailTo, newcomer, Person, settled, inBrowser } from "./browser";
import { founded } from "./organisations";
import { plugIn } from "./passkeys";
import { codeOf } from "./totp";

inBrowser();

describe("the way in", () => {
  it("begins with the organisation's short name, or its whole address", async () => {
    const person = await Person.arrive();
    await person.open("/");
    await person.sees("Sign in");
    await expectAccessible(person.page);
    await person.fill("Short name of your organisation", "no-such-school");
    await person.press("Go on");
    await person.reads("There is nothing by that name.");
    await person.fill("Short name of your organisation", "https://users.example.org/o/bash-street");
    await person.press("Go on");
    await person.reads("Bash Street School");
    expect(new URL(person.page.url()).pathname).toBe("/o/bash-street");
  });

  it("says what is wrong at the field, keeps what was typed, and names whom to ask", async () => {
    const person = await Person.arrive();
    await person.open("/o/bash-street");
    await person.sees("Sign in");
    await expectAccessible(person.page);
    await person.press("Sign in");
    expect(await person.page.getByText("Please fill this in.").count()).toBe(2);
    expect(await person.page.evaluate(() => document.activeElement?.getAttribute("name"))).toBe("username");
    await expectAccessible(person.page);
    await person.fill("Username", "nobody");
    await person.fill("Password", "wrong");
    await person.press("Sign in");
    await person.reads("Username or password is wrong.");
    expect(await person.page.getByLabel("Username", { exact: true }).inputValue()).toBe("nobody");
    await person.reads("Jane Admin");
  });

  it("says of an account that is locked whom to ask, once, and nothing of before", async () => {
    const { slug, settle } = await founded();
    const { username } = await settle("Una");
    const person = await Person.arrive();
    await person.signIn(slug, username, "Harp$likes$maths1");
    await person.sees("Welcome, Una");
    await person.press("Sign out");
    await person.reads("You are signed out.");
    for (let tries = 0; tries < 30 && !(await person.page.getByText("Too many tries.").isVisible()); tries += 1) {
      await person.fill("Username", username);
      await person.fill("Password", "wrong");
      const answered = person.page.waitForResponse("**/api/v1/session");
      await person.press("Sign in");
      await answered;
    }
    await person.reads("Too many tries.");
    expect(await person.page.getByText("You are signed out.").count()).toBe(0);
    expect(await person.page.getByText("Ada Head").count()).toBe(1);
    await expectAccessible(person.page);
  });

  it("leads a newcomer through new password, signing in again and conditions of use", async () => {
    const { user, initialPassword } = await newcomer("bash-street", "Jane Admin");
    const person = await Person.arrive();
    await person.signIn("bash-street", user.username, initialPassword);
    await person.sees("Choose a new password");
    await expectAccessible(person.page);
    expect(await person.page.title()).toBe("Choose a new password · Bash Street School");

    const ticked = () => person.page.locator("li[data-kept=true]").count();
    expect(await ticked()).toBe(0);
    await person.fill("New password", "minnie");
    expect(await ticked()).toBe(2); // a small letter, and only what is allowed
    await person.fill("New password", "Minnie7Minx");
    expect(await ticked()).toBe(5);
    await person.fill("New password again", "Minnie7Minx");
    expect(await ticked()).toBe(6);
    await person.press("Set password");

    await person.reads("Your new password is set. Please sign in with it now.");
    expect(await person.page.getByLabel("Username", { exact: true }).inputValue()).toBe(user.username);
    await person.fill("Password", "Minnie7Minx");
    await person.press("Sign in");

    await person.sees("Conditions of use");
    await person.page.getByText("Read them in full").click();
    await expectAccessible(person.page);
    await person.press("I agree");
    await person.sees("Welcome, Danny");
    expect(new URL(person.page.url()).pathname).toBe("/o/bash-street/home");
  });

  it("shows what a refused password breaks", async () => {
    const { user, initialPassword } = await newcomer("bash-street", "Jane Admin");
    const person = await Person.arrive();
    await person.signIn("bash-street", user.username, initialPassword);
    await person.fill("New password", "short");
    await person.fill("New password again", "other");
    await person.press("Set password");
    await person.reads("Please look at the marked fields.");
    await person.page
      .locator(".mantine-PasswordInput-error")
      .getByText(/8 characters/)
      .waitFor();
    await person.page.locator("[name=newPassword][aria-invalid=true]").waitFor();
  });

  it("ends where somebody does not agree", async () => {
    const { organisation, username, password } = await known("northfield-college", "Owen Price");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.sees("Conditions of use");
    await person.press("I do not agree");
    await person.reads("Without agreeing to the conditions of use you cannot go on");
    await person.sees("Sign in");
  });

  it("asks for the code of an app that was set up, and takes a recovery code in its place", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.sees("Welcome, Danny");
    const secret = await setUpApp(person);
    await expectAccessible(person.page);
    const recovery = await person.page.locator("code").first().innerText();

    await person.press("Sign out");
    await person.reads("You are signed out.");
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.sees("Second step");
    await expectAccessible(person.page);
    await person.fill("Code", "000000");
    await person.press("Go on");
    await person.reads("This code is not right.");
    await person.fill("Code", codeOf(secret, Date.now() + 30_000)); // a code serves once, and the newest was used
    await person.press("Go on");
    await person.sees("Welcome, Danny");

    await person.press("Sign out");
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.fill("Code", recovery);
    await person.press("Go on");
    await person.sees("Welcome, Danny");
  });

  it("takes a passkey instead of a password", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await plugIn(person);
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.follow("My account");
    await person.follow("Second step");
    await person.fill("Name of a new passkey", "My telephone");
    await person.press("Add a passkey");
    await person.reads("The passkey was added.");
    await expectAccessible(person.page);
    await person.press("Sign out");
    await person.press("Sign in with a passkey");
    await person.sees("Welcome, Danny");
  });

  it("takes a passkey as the second step, or a recovery code where the passkey is not at hand", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await plugIn(person);
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.follow("My account");
    await person.follow("Second step");
    await person.fill("Name of a new passkey", "My telephone");
    await person.press("Add a passkey");
    await person.reads("Keep these recovery codes");
    const recovery = await person.page.locator("code").first().innerText();
    await person.press("Sign out");
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.sees("Second step");
    await expectAccessible(person.page);
    await person.press("Use your passkey");
    await person.sees("Welcome, Danny");

    const elsewhere = await Person.arrive();
    await elsewhere.signIn("bash-street", user.username, "Minnie7Minx");
    await elsewhere.sees("Second step");
    await elsewhere.fill("Code", recovery);
    await elsewhere.press("Go on");
    await elsewhere.sees("Welcome, Danny");
  });

  it("asks for a second step to be set up where the organisation demands it", async () => {
    const programme = await founded("measurement-programme");
    const { username } = await programme.settle("Marcus");
    const { policy } = await programme.admin.call<{ policy: { signIn: object } }>("GET", "/settings");
    await programme.admin.call("PUT", "/settings", {
      policy: { ...policy, signIn: { ...policy.signIn, secondFactor: "everybody" } },
    });
    const person = await Person.arrive();
    await person.signIn(programme.slug, username, programme.password);
    await person.sees("Set up a second step");
    await expectAccessible(person.page);
    const secret = await person.page.locator("code").first().innerText();
    await person.fill("Code", codeOf(secret, Date.now()));
    await person.press("Go on");
    await person.sees("Keep these recovery codes");
    await expectAccessible(person.page);
    await person.press("I have kept them");
    await person.sees("Welcome, Marcus");
  });
});

describe("a forgotten password", () => {
  it("is replaced by the link of a mail", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await person.open("/o/bash-street");
    await person.follow("Forgotten your password?");
    await person.sees("Forgotten password");
    await expectAccessible(person.page);
    await person.fill("Your username or email address", user.email);
    await person.press("Send the mail");
    await person.reads("If there is such an account, a mail is on its way.");

    const { text } = await mailTo(user.email, /password/i);
    const link = new URL(/https?:\S+token=\S+/.exec(text)?.[0] ?? "");
    await person.open(link.pathname + link.search);
    await person.sees("Choose a new password");
    await expectAccessible(person.page);
    await person.fill("New password", "Plug7Plugsy");
    await person.fill("New password again", "Plug7Plugsy");
    await person.press("Set password");
    await person.reads("Your new password is set. Please sign in with it.");
    await person.fill("Username", user.username);
    await person.fill("Password", "Plug7Plugsy");
    await person.press("Sign in");
    await person.sees("Welcome, Danny");

    await person.open(link.pathname + link.search); // it serves once
    await person.fill("New password", "Plug8Plugsy");
    await person.fill("New password again", "Plug8Plugsy");
    await person.press("Set password");
    await person.reads("This link does not work any more.");
  });

  it("is told the same where there is no such account", async () => {
    const person = await Person.arrive();
    await person.open("/o/bash-street/forgotten");
    await person.fill("Your username or email address", "nobody@school.example");
    await person.press("Send the mail");
    await person.reads("If there is such an account, a mail is on its way.");
  });
});

/** setUpApp sets an authenticator app up on the page of the second step, and returns its secret. */
async function setUpApp(person: Person): Promise<string> {
  await person.follow("My account");
  await person.follow("Second step");
  await person.press("Set up an app");
  await person.page.locator("main img").waitFor();
  await expectAccessible(person.page);
  const secret = await person.page.locator("code").first().innerText();
  await person.fill("Code of the app", codeOf(secret, Date.now()));
  await person.press("Take into use");
  await person.reads("Keep these recovery codes");
  return secret;
}
