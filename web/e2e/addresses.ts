// Which pages the console has, read from where the router has them, so that no test of all pages forgets a new one.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** addressesIn are the addresses of the routes in a file, such as "users/:id/rights". */
export function addressesIn(file: string): string[] {
  const source = readFileSync(join(import.meta.dirname, "../src", file), "utf8");
  const around: string[] = [];
  const found: string[] = [];
  for (const [tag, attributes = ""] of source.matchAll(
    /<Route\b((?:[^>=]|=>|=(?:"[^"]*"|\{<[^>]*>\}))*)>|<\/Route>/g,
  )) {
    if (tag === "</Route>") {
      around.pop();
      continue;
    }
    const path = /path="([^"]*)"/.exec(attributes)?.[1] ?? "";
    const whole = [...around.filter((a) => a !== ""), path].join("/").replace(/\/$/, "");
    const inner = attributes.trimEnd().endsWith("/");
    if (inner) found.push(whole);
    else around.push(path);
  }
  return found;
}
