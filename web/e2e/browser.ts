// A person with a browser, for tests: what the person does reads as the guides say it.
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, inject, onTestFinished } from "vitest";
import { member, startBrowser } from "../scripts/local.mjs";

let browser: Browser;

/** inBrowser starts the Chromium of infra/browser for the tests of a file. */
export function inBrowser(): void {
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
}

interface Settings {
  language?: string;
  width?: number;
  /** zoom makes everything larger, as the browser's zoom does: 2 is 200 %. */
  zoom?: number;
  dark?: boolean;
  /** baseURL is where the product is, if not where all tests have it. */
  baseURL?: string;
}

/** Person is somebody with a browser of their own, whose every page keeps to the policy and throws nothing. */
export class Person {
  private readonly troubles: string[] = [];

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async arrive(settings: Settings = {}): Promise<Person> {
    const { language = "en-GB", width = 1024, zoom = 1, dark = false, baseURL = inject("baseURL") } = settings;
    const context = await browser.newContext({
      baseURL,
      locale: language,
      viewport: { width, height: 800 },
      deviceScaleFactor: zoom,
      colorScheme: dark ? "dark" : "light",
      reducedMotion: "reduce",
    });
    const person = new Person(context, await context.newPage());
    person.page.setDefaultTimeout(30_000);
    person.page.on("pageerror", (error) => person.troubles.push(error.message));
    person.page.on("console", (said) => {
      if (said.type() === "error" && !said.text().startsWith("Failed to load resource"))
        person.troubles.push(said.text());
    });
    onTestFinished(async () => {
      await context.close();
      expect(person.troubles, "errors in the browser's console, such as of the content security policy").toEqual([]);
    });
    return person;
  }

  open(path: string) {
    return this.page.goto(path);
  }

  fill(label: string, text: string) {
    return this.page.getByLabel(label, { exact: true }).fill(text);
  }

  press(button: string) {
    return this.page.getByRole("button", { name: button, exact: true }).click();
  }

  follow(link: string) {
    return this.page.getByRole("link", { name: link, exact: true }).click();
  }

  /** sees waits for a heading: the page, or the dialog, that one is led to. */
  sees(heading: string) {
    return this.page.getByRole("heading", { name: heading, exact: true }).waitFor();
  }

  reads(text: string | RegExp) {
    return this.page.getByText(text).first().waitFor();
  }

  async signIn(organisation: string, username: string, password: string): Promise<void> {
    await this.open(`/o/${organisation}`);
    await this.fill("Username", username);
    await this.fill("Password", password);
    await this.press("Sign in");
  }

  /** logInd is signing in where the page speaks Danish. */
  async logInd(organisation: string, username: string, password: string): Promise<void> {
    await this.open(`/o/${organisation}`);
    await this.fill("Brugernavn", username);
    await this.fill("Adgangskode", password);
    await this.press("Log ind");
  }
}

/** known is somebody of the demonstration, once they are there. */
export function known(organisation: string, name: string) {
  return member(inject("baseURL"), organisation, name);
}

/** Programme is a person without a browser, for what a test needs to be there. */
export class Programme {
  private readonly cookies = new Map<string, string>();

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const cookie = [...this.cookies].map((pair) => pair.join("=")).join("; ");
    const headers: Record<string, string> = { cookie };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(`${inject("baseURL")}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${response.status} ${text}`).toBe(true);
    for (const set of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      this.cookies.set(name, value);
    }
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  static async of(organisation: string, name: string): Promise<Programme> {
    const { username, password } = await known(organisation, name);
    const programme = new Programme();
    await programme.call("POST", "/session", { organisation, username, password });
    return programme;
  }
}

interface Added {
  user: { id: string; username: string; email: string };
  initialPassword: string;
}

let added = 0;

/** newcomer is a user of their own for a test, added by an administrator. */
export async function newcomer(organisation: string, administrator: string, more: object = {}): Promise<Added> {
  added += 1;
  const admin = await Programme.of(organisation, administrator);
  const email = `e2e.${Date.now()}.${added}@school.example`;
  return admin.call<Added>("POST", "/users", { givenName: "Danny", familyName: "Smith", email, ...more });
}

/** settled is a newcomer of the school portal who has come in before and has the password. */
export async function settled(password = "Minnie7Minx"): Promise<Added> {
  const made = await newcomer("bash-street", "Jane Admin");
  const user = new Programme();
  const organisation = "bash-street";
  await user.call("POST", "/session", { organisation, username: made.user.username, password: made.initialPassword });
  await user.call("POST", "/session/password", { newPassword: password, repeatPassword: password });
  await user.call("POST", "/session", { organisation, username: made.user.username, password });
  await user.call("POST", "/session/agreement", { version: 1, accepted: true });
  return made;
}

interface Mail {
  subject: string;
  text: string;
}

/** mailTo waits for a mail with a subject. */
export async function mailTo(address: string, subject: RegExp): Promise<Mail> {
  for (;;) {
    const inbox = await fetch(`${inject("baseURL")}/dev/inbox?to=${encodeURIComponent(address)}`);
    const found = ((await inbox.json()) as { items: Mail[] }).items.find((m) => subject.test(m.subject));
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
