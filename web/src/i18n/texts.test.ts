import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const src = join(import.meta.dirname, "..");
const areas = readdirSync(join(import.meta.dirname, "../locales/en")).map((name) => name.replace(".json", ""));

type Texts = { [key: string]: string | Texts };

function read(language: string, area: string): Map<string, string> {
  const texts = JSON.parse(readFileSync(join(src, "locales", language, `${area}.json`), "utf8")) as Texts;
  return new Map(leaves(texts, ""));
}

function leaves(texts: Texts, prefix: string): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value] as [string, string]] : leaves(value, `${prefix}${key}.`),
  );
}

const places = (text: string): string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1] ?? "").sort();

/** Texts are asked for by a key in quotes, or by a template whose gaps are filled when it is asked for. */
const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !/\.(test|d)\./.test(name))
  .map((name) => readFileSync(join(src, name), "utf8"))
  .join("\n");
const quoted = new Set([...sources.matchAll(/"([\w.:-]+)"/g)].map((m) => m[1]));
const templates = [...sources.matchAll(/`([a-z][\w.:-]*\$\{[^`]*)`/g)].map(
  (m) => new RegExp(`^${(m[1] ?? "").replace(/\./g, "\\.").replace(/\$\{.*?\}(?![^`$]*\}\))/g, "[\\w-]+")}$`),
);

function used(area: string, key: string): boolean {
  const asked = key.replace(/_(one|other)$/, "");
  return quoted.has(asked) || templates.some((t) => t.test(asked) || t.test(`${area}:${asked}`));
}

describe.each(areas)("the texts %s", (area) => {
  const english = read("en", area);
  const danish = read("da", area);

  it("are all there in both languages", () => {
    expect([...danish.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it("are never empty, and say the same facts in both languages", () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe("");
      expect(danish.get(key)?.trim(), key).not.toBe("");
      expect(places(danish.get(key) ?? ""), key).toEqual(places(text));
    }
  });

  it("are all used", () => {
    expect([...english.keys()].filter((key) => !used(area, key))).toEqual([]);
  });
});

describe("the look for unused texts", () => {
  it("finds one", () => {
    expect(used("common", "never.said")).toBe(false);
    expect(used("common", "action.never.said")).toBe(false);
  });
});
