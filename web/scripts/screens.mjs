// Pictures of the main pages for docs/screens, of the demonstration as `make run` shows it.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { member, startBrowser, startRunner } from "./local.mjs";

const to = join(import.meta.dirname, "../../docs/screens");
mkdirSync(to, { recursive: true });

const wide = { width: 1280, height: 800 };
const narrow = { width: 360, height: 720 };

/** Each page: the picture's name, who looks at it, where it is, and how. */
const pages = [
  { name: "sign-in", at: "bash-street", path: "" },
  { name: "home", at: "bash-street", by: "Jane Admin", path: "home" },
  { name: "users", at: "bash-street", by: "Jane Admin", path: "users" },
  { name: "users-narrow-dark", at: "bash-street", by: "Jane Admin", path: "users", size: narrow, dark: true },
  { name: "settings", at: "wessex", by: "Helen Ashcombe", path: "settings" },
  { name: "roles-danish", at: "havnegade-skole", by: "Kirsten Holm", path: "roles", language: "da" },
  { name: "organisations", at: "operator", by: "Olive Operator", path: "organisations" },
  { name: "overview", at: "wessex", by: "Helen Ashcombe", path: "overview", size: { width: 1280, height: 1100 } },
];

const { baseURL, stop } = await startRunner();
const browser = await startBrowser();

async function enter(page, at, by) {
  const { username, password } = await member(baseURL, at, by);
  await page.goto(`${baseURL}/o/${at}`);
  await page.locator("#root [name=username]").fill(username);
  await page.locator("#root [name=password]").fill(password);
  await page.locator("button[type=submit]").click();
  const inside = page.locator("nav").first();
  const agree = page.getByRole("button", { name: /^(I agree|Jeg accepterer)$/ });
  await inside.or(agree).first().waitFor();
  if (await agree.isVisible()) await agree.click();
  await inside.waitFor();
}

for (const { name, at, by, path, size = wide, dark = false, language = "en-GB" } of pages) {
  const context = await browser.newContext({
    viewport: size,
    locale: language,
    colorScheme: dark ? "dark" : "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  if (by) await enter(page, at, by);
  await page.goto(`${baseURL}/o/${at}${path === "" ? "" : `/${path}`}`);
  await page.locator("#root h1").waitFor();
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: join(to, `${name}.png`) });
  console.log(name);
  await context.close();
}
await browser.close();
await stop();
