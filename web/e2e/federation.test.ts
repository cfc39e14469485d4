// Signing in with an identity that people have elsewhere: set up in the settings, used at the entrance, taken away again.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, Person } from "./browser";
import { startOpenID, type Issuer } from "./openid";
import { founded, type Founded } from "./organisations";

inBrowser();

// What providers send people back to is the address that the runner was started with.
const baseURL = inject("baseURL").replace("localhost", "127.0.0.1");
const secret = "s3cret-of-the-client";
let openID: Awaited<ReturnType<typeof startOpenID>>;

beforeAll(async () => {
  openID = await startOpenID();
});
afterAll(() => openID.stop());

const menu = (person: Person, name: string) =>
  person.page.getByRole("navigation", { name: "Main menu" }).getByRole("link", { name, exact: true }).click();
const offered = (person: Person) => person.page.getByRole("link", { name: "Sign in with UNI-Login", exact: true });
const refused = (person: Person) =>
  person.page.getByRole("alert").getByText("not finished, or nobody here has that identity").waitFor();

/** head is Ada Head, who came in by password. */
async function head({ slug, username, password }: Founded): Promise<Person> {
  const person = await Person.arrive({ baseURL, width: 1300 });
  await person.signIn(slug, username, password);
  await person.sees("Welcome, Ada");
  return person;
}

/** setUp has Ada tell either side of the other, and offer it at the entrance. */
async function setUp(person: Person, issuer: Issuer): Promise<void> {
  await menu(person, "Settings");
  await person.follow("Identity provider");
  await person.sees("Identity provider");
  const redirectUris = [await person.page.locator("dd code").first().innerText()];
  await issuer.set("PUT", "/clients/caretaker", { secret, redirectUris });
  await person.fill("Name on the button", "UNI-Login");
  await person.fill("Address (issuer)", `${issuer.address}-not-there`);
  await person.fill("Client ID", "caretaker");
  await person.fill("Client secret", secret);
  await person.press("Try it and save");
  await person.page.locator("[name=issuer][aria-invalid=true]").waitFor();
  await expectAccessible(person.page);
  await person.fill("Address (issuer)", issuer.address);
  await person.press("Try it and save");
  await person.reads("The provider answered, and is saved.");
  await expectAccessible(person.page);
  await offer(person, true);
}

/** offer has Ada tick it in the rules, or not any more. */
async function offer(person: Person, yes: boolean): Promise<void> {
  await menu(person, "Settings");
  await person.sees("Rules of the organisation");
  await person.page.getByRole("checkbox", { name: "Identity provider", exact: true }).setChecked(yes);
  await person.press("Save");
  if (!yes) {
    await person.sees("Save these settings?"); // somebody came by this way
    await expectAccessible(person.page);
    await person.page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
  }
  await person.reads("The settings are saved.");
}

/** byProvider goes from the entrance to the provider's form, and answers it. */
async function byProvider(person: Person, name: string, password: string): Promise<void> {
  await offered(person).click();
  await person.page.getByRole("heading", { name: /^Sign in at / }).waitFor();
  await person.fill("Name", name);
  await person.fill("Password", password);
  await person.press("Sign in");
}

describe("an identity provider", () => {
  it("is set up in the settings, offered at the entrance, lets in whom it vouches for, and is taken away", async () => {
    const school = await founded("school-intranet");
    await school.settle("Lise", { username: "LM" });
    const issuer = await openID.issuer(school.slug);
    await issuer.set("PUT", "/accounts/lise", { preferred_username: "LM" });
    await issuer.set("PUT", "/accounts/stranger", { preferred_username: "nobody" });
    await issuer.set("PUT", "/passwords/lise", { password: "kept-there" });
    await issuer.set("PUT", "/passwords/stranger", { password: "too" });
    const ada = await head(school);
    await setUp(ada, issuer);

    const lise = await Person.arrive({ baseURL });
    await lise.open(`/o/${school.slug}`);
    await offered(lise).waitFor();
    await expectAccessible(lise.page);

    await byProvider(lise, "stranger", "too");
    await refused(lise);
    await lise.sees("Sign in");
    await expectAccessible(lise.page);

    await offered(lise).click();
    await lise.press("Cancel");
    await refused(lise);

    await byProvider(lise, "lise", "kept-there");
    await lise.sees("Welcome, Lise");
    await expectAccessible(lise.page);

    await offer(ada, false);
    await ada.follow("Identity provider");
    await ada.press("Take the provider away");
    await ada.sees("Take the provider away");
    await expectAccessible(ada.page);
    await ada.page.getByRole("dialog").getByRole("button", { name: "Take the provider away", exact: true }).click();
    await ada.reads("The provider is taken away.");
    expect(await ada.page.getByLabel("Address (issuer)").inputValue()).toBe("");
    const later = await Person.arrive({ baseURL });
    await later.open(`/o/${school.slug}`);
    await later.page.getByLabel("Username").waitFor();
    expect(await offered(later).count()).toBe(0);
    await later.open(`/api/v1/session/federation/${school.slug}`); // which somebody may have kept
    await later.reads("method_not_offered");
  });
});
