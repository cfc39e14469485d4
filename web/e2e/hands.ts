// Somebody who has a keyboard and nothing else: goes by Tab, and sees where they are at every step.
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

type Role = Parameters<Page["getByRole"]>[0];

/** So many steps lead around any page of the tests. */
const around = 200;

/** place is what has the focus, and what is wrong with it for who sees the screen and has no mouse. */
interface Place {
  lost: boolean;
  html: string;
  wrong: string[];
}

/** Hands are on the keyboard of a page. */
export class Hands {
  constructor(readonly page: Page) {}

  /** to goes on by Tab until something has the focus; every place on the way is looked at. */
  to(role: Role, name: string | RegExp): Promise<void> {
    return this.reach(this.named(role, name));
  }

  back(role: Role, name: string | RegExp): Promise<void> {
    return this.reach(this.named(role, name), "Shift+Tab");
  }

  private named(role: Role, name: string | RegExp): Locator {
    return this.page.getByRole(role, { name, exact: true }).first();
  }

  async reach(wanted: Locator, key = "Tab"): Promise<void> {
    await wanted.waitFor();
    for (let step = 0; step < around; step += 1) {
      await this.page.keyboard.press(key);
      const place = await this.page.evaluate(placeOf);
      if (!place.lost) expect(place.wrong, `at ${this.page.url()}: ${place.html}`).toEqual([]);
      if (await wanted.evaluate((e) => e === document.activeElement)) return;
    }
    throw new Error(`${key} does not lead to ${String(wanted)} at ${this.page.url()}`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** type puts a text in the place of what a field holds. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.press("ControlOrMeta+a");
    await this.page.keyboard.type(text);
  }

  /** fill goes to a field and types. */
  async fill(label: string, text: string): Promise<void> {
    await this.to("textbox", label);
    await this.type(text);
  }

  /** isAt waits until something has the focus, without a key: after a dialog, say, or another page. */
  async isAt(role: Role, name: string | RegExp): Promise<void> {
    const wanted = this.named(role, name);
    await expect
      .poll(async () => ((await wanted.count()) > 0 ? wanted.evaluate((e) => e === document.activeElement) : false), {
        timeout: 10_000,
        message: `the ${role} ${String(name)} has the focus`,
      })
      .toBe(true);
  }

  /** isSomewhere waits until the focus is on something that is there. */
  async isSomewhere(): Promise<void> {
    await expect
      .poll(async () => (await this.page.evaluate(placeOf)).lost, { message: "the focus is lost" })
      .toBe(false);
  }
}

function placeOf(): Place {
  const e = document.activeElement;
  if (e === null || e === document.body || e === document.documentElement) return { lost: true, html: "", wrong: [] };
  const wrong: string[] = [];
  const outlined = (shown: Element | null) => {
    if (shown === null) return false;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown);
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 1;
  };
  // a password stands in a box with its button, and a box may be a part of what looks like one
  if (!outlined(e) && !outlined(e.parentElement)) wrong.push("has the focus and does not look like it");
  const { left, right, top, bottom } = e.getBoundingClientRect();
  const inset = 3;
  const points = [left + inset, (left + right) / 2, right - inset].flatMap((x) =>
    [top + inset, (top + bottom) / 2, bottom - inset].map((y) => document.elementFromPoint(x, y)),
  );
  if (!points.some((p) => p !== null && (e.contains(p) || p.contains(e))))
    wrong.push("has the focus and is out of sight");
  return { lost: false, html: e.outerHTML.slice(0, 200), wrong };
}
