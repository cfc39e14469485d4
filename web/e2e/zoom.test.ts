// Every page of the console for who needs it large: at 200 %, on 320 px, and with wider spacing (WCAG 2.2, 1.4.4, 1.4.10, 1.4.12).
import { beforeAll, describe, expect, it } from "vitest";
import { tooWide, violations } from "./accessible";
import { addressesIn } from "./addresses";
import { inBrowser, known, Person, Programme } from "./browser";
import { founded, type Founded } from "./organisations";

inBrowser();

interface Id {
  id: string;
}

/** So much room has a window of 1280 px at 200 %. */
const half = 640;

/** what is not read by an administrator of an authority */
const kept = /^(agreement|organisations|to-all)\b/;
const inside = addressesIn("inside.tsx");
const operators = inside.filter((a) => /^(organisations|to-all)\b/.test(a));
const schools = inside.filter((a) => a.startsWith("agreement"));
const authorities = inside.filter((a) => !kept.test(a));

/** with fills an address in; what is not known fails the test, so that a new page is thought of here. */
function filledIn(address: string, ids: Record<string, string>): string {
  return address.replaceAll(/^([^:]+)\/:(id|version)/g, (_, area: string) => {
    const id = ids[area];
    if (id === undefined) throw new Error(`${address} is new: say in this test whom or what it is about`);
    return `${area}/${id}`;
  });
}

/** readable looks every page over, one after another in the same window, as who looks around sees them. */
async function readable(person: Person, paths: readonly string[]): Promise<void> {
  const { page } = person;
  const found: Record<string, string[]> = {};
  for (const path of paths) {
    await page.setViewportSize({ width: half, height: 800 });
    await person.open(path);
    await settled(page);
    const wrong = [...(await wide(page, `${half} px`)), ...(await checked(page))];
    await page.setViewportSize({ width: 320, height: 640 });
    wrong.push(...(await wide(page, "320 px")));
    await spaced(page);
    wrong.push(...(await wide(page, "320 px, spaced")), ...(await cutOff(page)));
    if (wrong.length > 0) found[path] = wrong;
  }
  expect(found).toEqual({});
}

type Page = Person["page"];

/** settled waits until a page has come with all it reads, and without a problem. */
async function settled(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await page.waitForFunction(() => document.querySelector("[aria-label='Please wait'], main > [role=alert]") === null);
}

async function checked(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor({ state: "attached" });
    found.push(...(await violations(page)).map((v) => `${colorScheme}: ${v}`));
  }
  return found;
}

const wide = async (page: Page, at: string) => (await tooWide(page)).map((e) => `wider than the window at ${at}: ${e}`);

/** spaced sets text as somebody does who reads better that way; the page's policy allows it as it does a browser's own. */
function spaced(page: Page): Promise<void> {
  return page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-bottom: 2em !important; }`);
    document.adoptedStyleSheets = [sheet];
  });
}

/** cutOff is what has text that its box does not show. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const texts = [...document.querySelectorAll<HTMLElement>("body *")].filter(
      (e) =>
        e.checkVisibility({ visibilityProperty: true }) &&
        [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent?.trim() !== ""),
    );
    const clips = (e: HTMLElement) => {
      const { overflowX, overflowY, clipPath } = getComputedStyle(e);
      if (clipPath !== "none" || e.clientWidth <= 1) return false; // hidden from who sees, on purpose
      const across = ["hidden", "clip"].includes(overflowX) && e.scrollWidth > e.clientWidth + 1;
      return across || (["hidden", "clip"].includes(overflowY) && e.scrollHeight > e.clientHeight + 1);
    };
    const found = new Set<HTMLElement>();
    for (const text of texts) {
      for (let e: HTMLElement | null = text; e !== null && e !== document.body; e = e.parentElement)
        if (clips(e)) found.add(e);
    }
    return [...found].map((e) => `cuts its text off: ${e.outerHTML.slice(0, 200)}`);
  });
}

async function signedIn(slug: string, username: string, password: string, welcome: string): Promise<Person> {
  const person = await Person.arrive({ width: half, zoom: 2 });
  await person.signIn(slug, username, password);
  await person.sees(welcome);
  return person;
}

describe("every page can be read large", () => {
  let school: Founded;
  beforeAll(async () => {
    school = await founded("school-portal");
  });

  it("before one is in", async () => {
    const person = await Person.arrive({ width: half, zoom: 2 });
    const outside = addressesIn("routes.tsx").filter((a) => !a.endsWith("*"));
    expect(outside.length).toBeGreaterThan(3);
    await readable(
      person,
      outside.map((a) => (a === "" ? "/" : a.replace(":slug", school.slug))),
    );
  });

  it("of a school", async () => {
    const person = await signedIn(school.slug, school.username, school.password, "Welcome, Ada");
    await readable(
      person,
      schools.map((a) => `/o/${school.slug}/${filledIn(a, { agreement: "1" })}`),
    );
  });

  it("of an authority", async () => {
    const { slug, username, password, admin } = await founded("authority-analytics");
    const { user } = await admin.call<{ user: Id }>("POST", "/users", {
      givenName: "Bartholomew-Maximilian",
      familyName: "Featherstonehaugh-Cholmondeley",
      email: `bartholomew-maximilian.featherstonehaugh-cholmondeley@a-long-name-of-a-domain.${slug}.example`,
      roles: ["adviser"],
    });
    const { id: one } = await admin.call<Id>("POST", "/schools", {
      name: "Llanfairpwllgwyngyll Community Primary School",
    });
    const group = await admin.call<Id>("POST", "/school-groups", { name: "Coastal schools", schools: [one] });
    const sent = await admin.call<Id>("POST", "/announcements", {
      category: "service",
      subject: "Downtime",
      body: "On Sunday.",
    });
    const ids = { users: user.id, roles: "adviser", "school-groups": group.id, announcements: sent.id };
    const person = await signedIn(slug, username, password, "Welcome, Ada");
    await readable(
      person,
      authorities.map((a) => `/o/${slug}/${a === "*" ? "no-such-page" : filledIn(a, ids)}`),
    );
  }, 300_000); // so many pages, on a machine that does other things too

  it("of an operator", async () => {
    const operator = await Programme.of("operator", "Olive Operator");
    const sent = await operator.call<Id>("POST", "/operator/announcements", {
      category: "newsletter",
      subject: "News",
      body: "All is well.",
    });
    const { items } = await operator.call<{ items: Id[] }>("GET", "/operator/organisations");
    const ids = { organisations: items[0]?.id ?? "", "to-all": sent.id };
    const { username, password } = await known("operator", "Olive Operator");
    const person = await signedIn("operator", username, password, "Welcome, Olive");
    await readable(
      person,
      operators.map((a) => `/o/operator/${filledIn(a, ids)}`),
    );
  });
});
