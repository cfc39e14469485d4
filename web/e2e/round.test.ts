// A round through what the console is for: make test-console does it once more on the emulators of AWS.
import { expect, it } from "vitest";
import { inBrowser, mailTo, Person } from "./browser";
import { founded } from "./organisations";

inBrowser();

it("a user is added, comes in, is given another password, archived and restored", async () => {
  const authority = await founded("authority-analytics");
  const { slug } = authority;
  const admin = await Person.arrive({ width: 1300 });
  const answer = (button: string) =>
    admin.page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
  const menu = (place: string) =>
    admin.page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name: place, exact: true }).click();
  await admin.signIn(slug, authority.username, authority.password);
  await admin.sees("Welcome, Ada");
  await menu("Users");
  await admin.fill("First name", "Danny");
  await admin.fill("Second name", "Smith");
  await admin.fill("Email", `danny@${slug}.example`);
  await admin.press("Add as new user");
  await admin.reads("Danny Smith has been added");
  const passwords = () => admin.page.getByRole("status").locator("code").allInnerTexts();
  const username = await admin.page.getByRole("row").filter({ hasText: "Danny" }).getByRole("link").innerText();
  expect((await mailTo(`danny@${slug}.example`, /./)).text).toContain(username);

  const danny = await Person.arrive();
  await danny.signIn(slug, username, (await passwords()).at(-1) ?? "");
  await danny.fill("New password", "Anchor7Lighthouse");
  await danny.fill("New password again", "Anchor7Lighthouse");
  await danny.press("Set password");
  await danny.sees("Welcome, Danny");

  await admin.press("Reset password: Danny Smith");
  await answer("Reset password");
  await admin.reads("has a new password:");
  await danny.page.reload();
  await danny.sees("Sign in"); // the session is over
  await danny.signIn(slug, username, (await passwords()).at(-1) ?? "");
  await danny.sees("Choose a new password");

  await admin.press("More: Danny Smith");
  await answer("Archive");
  await answer("Archive");
  await admin.reads("Danny Smith is archived.");
  await danny.signIn(slug, username, "Anchor7Lighthouse");
  await danny.page.getByRole("alert").waitFor();
  await menu("Archived users");
  await admin.press("Restore: Danny Smith");
  await answer("Restore");
  await admin.reads("Danny Smith is restored and can sign in again.");
  await menu("Users");
  await admin.page.getByRole("row").filter({ hasText: "Danny" }).waitFor();
});
