// The platform's support, let in and shut out by the school.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, Person, Programme } from "./browser";
import { founded } from "./organisations";

inBrowser();

describe("support", () => {
  it("is let in until a time, is seen in the log, and is shut out at once", async () => {
    const school = await founded();
    const person = await Person.arrive();
    await person.signIn(school.slug, school.username, school.password);
    await person.sees("Welcome, Ada");
    await person.page.getByRole("navigation").getByRole("link", { name: "Support access" }).click();
    await person.sees("Support access");
    await person.reads("Nobody of the support staff has been here.");
    await expectAccessible(person.page);

    await person.page.getByLabel("The end of another day").check();
    await person.fill("Day", "2020-01-01");
    await person.press("Let support in");
    await person.page.locator("[name=until][aria-invalid=true]").waitFor();
    await expectAccessible(person.page);
    await person.page.getByLabel("The end of today").check();
    await person.press("Let support in");
    await person.page.getByRole("alert").filter({ hasText: "Support is let in until" }).waitFor();
    await expectAccessible(person.page);

    const operator = await Programme.of("operator", "Olive Operator");
    await operator.call("POST", `/operator/organisations/${school.slug}/support-session`, { reason: "A stuck upload" });
    await operator.call("GET", "/users");
    await person.page.reload();
    const visit = person.page.getByRole("row").filter({ hasText: "A stuck upload" });
    await visit.getByText("Olive Operator").waitFor();
    await visit.getByText(/At the latest/).waitFor();

    await person.press("Shut support out now");
    await person.sees("Shut support out?");
    await expectAccessible(person.page);
    await person.page.getByRole("dialog").getByRole("button", { name: "Shut support out now" }).click();
    await person.reads("Support is shut out.");
    await person.reads("Support is not let in at present.");
    await visit.getByText(/At the latest/).waitFor({ state: "detached" });
    await expect(operator.call("GET", "/users")).rejects.toThrow();

    await person.open(`/o/${school.slug}/audit`);
    await person.page.getByRole("row").filter({ hasText: "Support came in" }).getByText("A stuck upload").waitFor();
  });
});
