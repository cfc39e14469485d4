// What a page weighs on its way to the browser, gzipped, by the manifest of the build.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";

interface Chunk {
  file: string;
  name?: string;
  imports?: string[];
  css?: string[];
}

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;

function chunk(name: string): Chunk {
  const found = manifest[name];
  if (!found) throw new Error(`the build has no ${name}`);
  return found;
}

/** filesOf are a chunk's files, with all that it imports. */
function filesOf(name: string, found = new Set<string>()): Set<string> {
  const { file, imports = [], css = [] } = chunk(name);
  if (found.has(file)) return found;
  [file, ...css].forEach((f) => found.add(f));
  imports.forEach((i) => filesOf(i, found));
  return found;
}

const gzipped = (file: string): number => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

/** files of a page in each language: the page itself, what every page has, and the texts. */
function files(parts: readonly string[], texts: readonly string[]): Set<string>[] {
  const entry = Object.keys(manifest).find((name) => chunk(name).name === "start") ?? "";
  return ["en", "da"].map((l) => {
    const names = [entry, ...parts, ...texts.map((area) => `src/locales/${l}/${area}.json`)];
    return new Set(["index.html", ...names.flatMap((name) => [...filesOf(name)])]);
  });
}

/** weight of a page in kB, in the language where it is heavier. */
function weight(parts: readonly string[], texts: readonly string[]): number {
  return Math.max(...files(parts, texts).map((all) => [...all].reduce((sum, f) => sum + gzipped(f), 0))) / 1000;
}

describe("the size", () => {
  it("of the sign-in page is at most 180 kB", () => {
    const kB = weight([], ["common", "problems", "entrance"]);
    console.log(`sign-in page: ${kB.toFixed(1)} kB`);
    expect(kB).toBeGreaterThan(80); // less would mean that something was not counted
    expect(kB).toBeLessThanOrEqual(180);
  });

  it("of the sign-in page is in few files, because a browser may ask for six at a time only", () => {
    for (const all of files([], ["common", "problems", "entrance"])) expect(all.size).toBeLessThanOrEqual(1 + 6);
  });

  const inside = Object.keys(manifest).filter((name) => /^src\/pages\/(?!entrance\/).*\.tsx$/.test(name));
  it.each(inside)("of %s is at most 300 kB", (page) => {
    const kB = weight(["src/inside.tsx", page], ["common", "problems", "entrance", "shell", "parts", "me"]);
    expect(kB).toBeLessThanOrEqual(300);
  });

  it("is known of every page", () => {
    expect(inside.length).toBeGreaterThan(8);
  });
});
