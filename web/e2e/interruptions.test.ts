// What comes between a change and its answer: nothing typed is lost, and the change is made once more has been shown.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { member, startRunner } from "../scripts/local.mjs";
import { expectAccessible } from "./accessible";
import { inBrowser, Person } from "./browser";
import { founded } from "./organisations";
import { plugIn } from "./passkeys";

inBrowser();

const dialog = (person: Person) => person.page.getByRole("dialog");

describe("the security code", () => {
  it("is asked for in the midst of a change, which then goes through as it was typed", async () => {
    const school = await founded("school-intranet");
    const { id } = await school.settle("Lone", { username: "LS" });
    const person = await Person.arrive();
    await person.signIn(school.slug, school.username, school.password);
    await person.sees("Welcome, Ada");
    await person.open(`/o/${school.slug}/users/${id}`);
    await person.sees("Lone Smith");
    await person.fill("Second name", "Smed");
    await school.admin.call("PUT", "/security-code", { securityCode: "Havn-2026-kode" }); // meanwhile, by a colleague
    await person.press("Save details");
    await person.sees("The security code is needed");
    await expectAccessible(person.page);

    await dialog(person).getByRole("button", { name: "Cancel", exact: true }).click();
    await dialog(person).waitFor({ state: "detached" });
    expect(await person.page.getByLabel("Second name", { exact: true }).inputValue()).toBe("Smed");
    expect((await school.admin.call<{ familyName: string }>("GET", `/users/${id}`)).familyName).toBe("Smith");

    await person.press("Save details");
    await person.sees("The security code is needed");
    await person.fill("Security code", "guessed");
    await person.press("Open");
    await dialog(person).locator("[name=securityCode][aria-invalid=true]").waitFor();
    await expectAccessible(person.page);
    await person.fill("Security code", "Havn-2026-kode");
    await person.press("Open");
    await person.reads("The details of Lone Smed were saved.");
    expect((await school.admin.call<{ familyName: string }>("GET", `/users/${id}`)).familyName).toBe("Smed");
  });
});

describe("a fresh proof of who one is", () => {
  // A quarter of an hour has to pass, so this is a runner whose clock no other test looks at.
  let runner: Awaited<ReturnType<typeof startRunner>>;
  beforeAll(async () => {
    runner = await startRunner();
  });
  afterAll(() => runner.stop());

  async function atSecondStep(name: string): Promise<{ person: Person; password: string }> {
    const { organisation, username, password } = await member(runner.baseURL, "bash-street", name);
    const person = await Person.arrive({ baseURL: runner.baseURL });
    await plugIn(person);
    await person.signIn(organisation, username, password);
    await person.sees(`Welcome, ${name.split(" ")[0] ?? ""}`);
    await person.follow("My account");
    await person.follow("Second step");
    return { person, password };
  }

  async function pass(advance: string): Promise<void> {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ advance });
    const moved = await fetch(`${runner.baseURL}/dev/clock`, { method: "PUT", headers, body });
    expect(moved.status).toBe(200);
  }

  it("is asked for before the ways of signing in change: the password, or a passkey", async () => {
    const { person, password } = await atSecondStep("Jane Admin");
    await person.fill("Name of a new passkey", "My telephone");
    await pass("PT16M");
    await person.press("Add a passkey");
    await person.sees("Please confirm that it is you");
    await expectAccessible(person.page);
    await person.fill("Your password", "wrong");
    await person.press("Confirm");
    await dialog(person).locator("[name=password][aria-invalid=true]").waitFor();
    await person.fill("Your password", password);
    await person.press("Confirm");
    await person.reads("The passkey was added.");
    await person.reads("My telephone");
    await person.page.reload();
    await person.sees("Second step");
    await pass("PT16M");
    await person.press("Set up an app");
    await person.sees("Please confirm that it is you");
    await person.press("Use a passkey instead");
    await person.page.locator("main img").waitFor(); // the picture that the app reads
  });
});
