// What comes out of the printer: slips for passwords that are handed over, and nothing of the page they are on.
import { describe, expect, it } from "vitest";
import { inBrowser, Person } from "./browser";
import { founded } from "./organisations";

inBrowser();

/** printed presses a button that prints, and says what is on the paper; the page is as before afterwards. */
async function printed({ page }: Person, button: string): Promise<string> {
  await page.evaluate(() => {
    window.print = () => {
      document.documentElement.dataset["printing"] = "";
    };
  });
  await page.getByRole("button", { name: button, exact: true }).click();
  await page.locator("html[data-printing]").waitFor({ state: "attached" });
  await page.emulateMedia({ media: "print" });
  const text = await page.evaluate(() => {
    const shown = [...document.querySelectorAll<HTMLElement>("body *")].filter(
      (e) => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().width > 1,
    );
    const own = (e: HTMLElement) => [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE);
    const pictures = shown
      .filter((e) => e.matches("input, select, textarea, button, img, svg"))
      .map((e) => e.outerHTML);
    const texts = shown.flatMap(own).map((n) => (n.textContent ?? "").trim());
    return [...texts, ...pictures].filter((line) => line !== "").join("\n");
  });
  await page.emulateMedia({ media: "screen" });
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  await page.getByRole("heading", { level: 1 }).waitFor();
  return text;
}

/** slip is what is on the paper for somebody. */
const slip = (name: string, organisation: string, username: string, password: string, address: string) =>
  [
    name,
    organisation,
    "Username",
    username,
    "Password for the next sign-in",
    password,
    "Sign in at",
    address,
    "You will be asked to choose a password of your own. Keep it to yourself, and throw this slip away.",
  ].join("\n");

describe("the printer", () => {
  it("gets the slips of first passwords and of resets, and nothing else", async () => {
    const school = await founded("school-portal");
    const person = await Person.arrive({ width: 1300 });
    const address = `${new URL(await person.open(`/o/${school.slug}`).then(() => person.page.url())).origin}/o/${school.slug}`;
    await person.signIn(school.slug, school.username, school.password);
    await person.sees("Welcome, Ada");
    await person.open(`/o/${school.slug}/users`);
    await person.fill("First name", "Danny");
    await person.fill("Second name", "Smith");
    await person.fill("Email", `danny@${school.slug}.example`);
    await person.press("Add as new user");
    await person.reads("Danny Smith has been added");
    const passwords = () => person.page.getByRole("status").locator("code").allInnerTexts();
    const username = await person.page.getByRole("row").filter({ hasText: "Danny" }).getByRole("link").innerText();
    const [first = ""] = await passwords();
    const whose = (password: string) => slip("Danny Smith", school.name, username, password, address);
    expect(await printed(person, "Print a slip")).toBe(whose(first));

    await person.press("Reset password: Danny Smith");
    await person.page.getByRole("dialog").getByRole("button", { name: "Reset password", exact: true }).click();
    await person.reads("has a new password:");
    const [second = "", ...older] = await passwords();
    expect(second).not.toBe(first);
    expect(older).toEqual([]); // the first no longer works, and is not to be handed over
    expect(await printed(person, "Print a slip")).toBe(whose(second));

    await person.press("I have it, hide it");
    await person.page.getByText(second).waitFor({ state: "detached" });
    expect(await person.page.locator("[data-sheet]").count()).toBe(0);
  });
});
