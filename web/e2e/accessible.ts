import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The success criteria of WCAG 2.2, levels A and AA, and what the checker calls good practice beside them. */
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

declare global {
  interface Window {
    axe: typeof import("axe-core");
  }
}

/** expectAccessible looks a page over: no violation, light and dark, and nothing to move sideways at 320 px. */
export async function expectAccessible(page: Page): Promise<void> {
  const size = page.viewportSize() ?? { width: 1024, height: 800 };
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor({ state: "attached" });
    expect(await violations(page), `violations at ${page.url()}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await tooWide(page), `wider than 320 px at ${page.url()}`).toEqual([]);
  await page.setViewportSize(size);
}

/** violations are what the checker finds on a page, also on one that is none of the console. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found: AxeResults = await page.evaluate(
    (only) => window.axe.run(document, { runOnly: { type: "tag", values: only } }),
    tags,
  );
  expect(found.passes.length).toBeGreaterThan(0); // otherwise nothing was looked at
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html} ${n.failureSummary ?? ""}`));
}

/** tooWide are the outermost elements that reach out of the page. */
export function tooWide(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const out = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
    return out.map((e) => e.outerHTML.slice(0, 200)).slice(0, 5);
  });
}
