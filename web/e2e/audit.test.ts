// The audit trail, as who answers for an organisation reads it.
import { describe, expect, it } from "vitest";
import { expectAccessible } from "./accessible";
import { inBrowser, Person, settled } from "./browser";
import { founded } from "./organisations";

inBrowser();

describe("the audit trail", () => {
  it("tells in words what was done, by whom, to whom, and what it was before", async () => {
    const school = await founded();
    const danny = await school.settle("Danny");
    await school.admin.call("PATCH", `/users/${danny.id}`, { givenName: "Daniel" });
    const person = await Person.arrive();
    await person.signIn(school.slug, school.username, school.password);
    await person.sees("Welcome, Ada");
    await person.page.getByRole("navigation").getByRole("link", { name: "Audit trail" }).click();
    await person.sees("Audit trail");
    await person.page.getByText("Roles: User", { exact: true }).first().waitFor(); // and not by their ids
    const changed = person.page.getByRole("row").filter({ hasText: "Details changed" });
    await changed.getByText("First name: Danny became Daniel").waitFor();
    await changed.getByRole("link", { name: "Ada Head" }).waitFor();
    expect(
      await changed
        .getByRole("link", { name: "Daniel Smith" })
        .or(changed.getByRole("link", { name: "Danny Smith" }))
        .getAttribute("href"),
    ).toBe(`/o/${school.slug}/users/${danny.id}`);
    await expectAccessible(person.page);
  });

  it("is asked for a part of it, which the address holds", async () => {
    const school = await founded();
    const danny = await school.settle("Danny");
    await school.settle("Una");
    const person = await Person.arrive();
    await person.signIn(school.slug, school.username, school.password);
    await person.sees("Welcome, Ada");
    await person.open(`/o/${school.slug}/audit`);
    await person.sees("Audit trail");
    const rows = person.page.getByRole("row");
    await person.fill("About (username)", "nobody1");
    await person.press("Show");
    await person.reads("Nobody here has this username.");
    await person.page.locator("[name=subject][aria-invalid=true]").waitFor();
    await expectAccessible(person.page);

    await person.fill("About (username)", danny.username);
    await person.page.getByLabel("What happened").selectOption({ label: "Account made" });
    await person.press("Show");
    await person.page.waitForURL(/action=user.created/);
    await expect.poll(() => rows.count(), { timeout: 30_000 }).toBe(2); // the head, and the one
    expect(await rows.filter({ hasText: "Account made" }).count()).toBe(1);
    const address = new URL(person.page.url());
    expect(address.searchParams.get("subject")).toBe(danny.id);

    await person.page.reload();
    await rows.filter({ hasText: "Account made" }).first().waitFor();
    expect(await person.page.getByLabel("About (username)").inputValue()).toBe(danny.username);
    await expectAccessible(person.page);

    await person.fill("To", "2020-01-01");
    await person.press("Show");
    await person.reads("There is no such entry.");
    await person.press("Show everything");
    await rows.filter({ hasText: "Una Smith" }).first().waitFor();
    await person.fill("Done by (username)", school.username);
    await person.page.getByLabel("What happened").selectOption({ label: "All about signing in" });
    await person.press("Show");
    await person.page.waitForURL(/actor=/);
    await rows.filter({ hasText: "Signed in" }).first().waitFor();
    expect(await rows.filter({ hasText: "Account made" }).count()).toBe(0);
  });

  it("is closed to who may not read it", async () => {
    const { user } = await settled();
    const person = await Person.arrive();
    await person.signIn("bash-street", user.username, "Minnie7Minx");
    await person.sees("Welcome, Danny");
    await person.open("/o/bash-street/audit");
    await person.reads("You may not do this. Ask an administrator of your organisation.");
  });
});
