// Archived users, as guide 002 has them: recoverable, and deleted by themselves after a while.
import { describe, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, Person } from "./browser";
import { founded } from "./organisations";

inBrowser();

describe("archived users", () => {
  it("are put away, found, restored and deleted", async () => {
    const authority = await founded("authority-analytics");
    for (const givenName of ["Danny", "Minnie"]) {
      const email = `${givenName.toLowerCase()}@${authority.slug}.example`;
      await authority.admin.call("POST", "/users", { givenName, familyName: "Baker", email });
    }
    const person = await Person.arrive({ width: 1300 });
    const answer = (button: string) =>
      person.page.getByRole("dialog").getByRole("button", { name: button, exact: true }).click();
    await person.signIn(authority.slug, authority.username, authority.password);
    await person.sees("Welcome, Ada");
    await person.follow("Archived users");
    await person.sees("Archived users");
    await person.reads(/^Nobody is archived\./);
    await expectAccessible(person.page);

    await person.page.getByRole("navigation").getByRole("link", { name: "Users", exact: true }).click();
    await person.reads(/^3 users$/);
    for (const name of ["Danny Baker", "Minnie Baker"]) {
      await person.press(`More: ${name}`);
      await person.sees(name);
      await expectAccessible(person.page);
      await answer("Archive");
      await person.reads(/For 30 days, until .*, the account can be restored under Archived users/);
      await expectAccessible(person.page);
      await answer("Archive");
      await person.reads(`${name} is archived.`);
    }
    await person.reads(/^1 user$/);

    await person.follow("Archived users");
    await person.reads(/^2 archived users$/);
    await person.reads("An administrator archived it");
    await expectAccessible(person.page);
    await person.fill("Search", "danny");
    await person.reads(/^1 archived user$/);
    await person.press("Restore: Danny Baker");
    await expectAccessible(person.page);
    await answer("Restore");
    await person.reads(
      "Danny Baker is restored and can sign in again. For 7 days from now nothing happens to the account by itself.",
    );
    await person.fill("Search", "");
    await person.press("Delete: Minnie Baker");
    await answer("Delete");
    await person.reads(/^User MBaker\d{4} \(Minnie Baker\) has been deleted\.$/);
    await person.reads(/^Nobody is archived\./);
    await person.page.getByRole("navigation").getByRole("link", { name: "Users", exact: true }).click();
    await person.reads(/^2 users$/);
  });
});
