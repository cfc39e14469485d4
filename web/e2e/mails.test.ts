// What mails hold: every link leads to a page that is there.
import { expect, inject, it } from "vitest";
import { violations } from "./accessible";
import { inBrowser, mailTo, Person, Programme } from "./browser";
import { founded } from "./organisations";

inBrowser();

/** linksOf are the addresses in the newest mails to somebody, text and all. */
async function linksOf(address: string): Promise<string[]> {
  const inbox = await fetch(`${inject("baseURL")}/dev/inbox?to=${encodeURIComponent(address)}`);
  const { items } = (await inbox.json()) as { items: { text: string }[] };
  return [...new Set(items.flatMap((m) => m.text.match(/https?:\/\/\S+/g) ?? []))];
}

it("links of mails lead to pages that are there", async () => {
  const school = await founded();
  const danny = await school.settle("Danny");
  await mailTo(danny.email, /./); // welcome
  await new Programme().call("POST", "/password-resets", { organisation: school.slug, username: danny.username });
  const news = { category: "news", subject: "A tutorial", body: "It is there." };
  await school.admin.call("POST", "/announcements", news);
  await mailTo(danny.email, /password/i);
  await mailTo(danny.email, /A tutorial/);

  const links = await linksOf(danny.email);
  const shapes = links.map((l) => new URL(l).pathname.replace(school.slug, "SLUG")).sort();
  expect(new Set(shapes)).toEqual(new Set(["/o/SLUG", "/o/SLUG/new-password", "/api/v1/unsubscribe"]));
  const person = await Person.arrive();
  for (const link of links) {
    const { pathname, search, hash } = new URL(link);
    const answer = await person.open(pathname + search + hash);
    expect(answer?.status(), link).toBe(200);
    await person.page.getByRole("heading", { level: 1 }).first().waitFor();
    expect(await person.page.getByRole("heading", { name: "There is no such page" }).count(), link).toBe(0);
  }
});

it("the link that ends news asks, says that it is done, and leads to all that one can choose", async () => {
  const school = await founded();
  const danny = await school.settle("Danny");
  await school.admin.call("POST", "/announcements", { category: "news", subject: "A tutorial", body: "It is there." });
  await mailTo(danny.email, /A tutorial/);
  const link = (await linksOf(danny.email)).find((l) => l.includes("/unsubscribe")) ?? "";
  const person = await Person.arrive();
  const { pathname, search } = new URL(link);
  await person.open(pathname + search);
  const accessible = async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await person.page.emulateMedia({ colorScheme });
      expect(await violations(person.page), colorScheme).toEqual([]);
    }
  };
  await accessible();
  await person.press("Stop these mails");
  await person.reads("You will receive no more news.");
  await accessible();
  await person.follow("Choose which mails you get");
  await person.fill("Username", danny.username);
  await person.fill("Password", school.password);
  await person.press("Sign in");
  const chosen = person.page.getByRole("checkbox", { name: "News", exact: true });
  await chosen.waitFor();
  expect(await chosen.isChecked()).toBe(false);

  await person.open("/api/v1/unsubscribe?token=none");
  await person.sees("This link cannot be used");
  await accessible();
});
