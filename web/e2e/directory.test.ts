// Looking at another authority's users, as the guide of the authorities has it: "any user has the option to select any other LA".
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, known, Person } from "./browser";

inBrowser();

describe("the users of another authority", () => {
  it("are found by choosing the authority, and can be written to", async () => {
    const { organisation, username, password } = await known("wessex", "Anita Rao");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.sees("Welcome, Anita");
    await person.page
      .getByRole("navigation", { name: "Main menu" })
      .getByRole("link", { name: /^Users of other/ })
      .click();
    await person.fill("Find an organisation (not needed)", "wess"); // one's own is not among the others
    await person.press("Look up");
    await person.reads("No organisation has a name that begins so.");
    await person.fill("Find an organisation (not needed)", "barset");
    await person.press("Look up");
    await person.follow("Barsetshire County Council");
    await person.sees("Barsetshire County Council");
    await person.page.getByRole("link", { name: "e.harding@barset.example" }).waitFor();
    await expectAccessible(person.page);

    await person.fill("Find a person (not needed)", "mary");
    await person.press("Look up");
    await person.page.getByRole("row").filter({ hasText: "Eleanor Harding" }).waitFor({ state: "detached" });
    await person.reads("Mary Thorne");
    await person.fill("Find a person (not needed)", "nobody of that name");
    await person.press("Look up");
    await person.reads(/^Nobody was found/);
    await person.follow("Choose another organisation");
    await person.reads("Choose an organisation");
    await expectAccessible(person.page);
    expect(new URL(person.page.url()).search).toBe("");
  });

  it("are not shown of an organisation of another kind", async () => {
    const { organisation, username, password } = await known("wessex", "Anita Rao");
    const person = await Person.arrive();
    await person.signIn(organisation, username, password);
    await person.sees("Welcome, Anita");
    await person.open("/o/wessex/directory?organisation=bash-street");
    await person.reads("There is nothing by that name. Please check how it is written.");
    await expectAccessible(person.page);
  });
});
