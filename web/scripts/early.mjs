// What index.html shows and fetches before the script has come, by language: internal/console puts it in.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const web = join(import.meta.dirname, "..");
const areas = ["common", "problems", "entrance"]; // those that src/i18n waits for

const read = (path) => JSON.parse(readFileSync(join(web, path), "utf8"));
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** form looks like the sign-in page, and cannot be sent: the script hands on what is typed. */
function form(language) {
  const { door } = read(`src/locales/${language}/entrance.json`);
  const field = (name, type, complete) =>
    `<p><label for="early-${name}">${escaped(door[name])}</label>` +
    `<input id="early-${name}" type="${type}" autocomplete="${complete}" spellcheck="false"></p>`;
  return (
    `<div id="early" lang="${language}"><main><h1>${escaped(door.title)}</h1>` +
    field("username", "text", "username") +
    field("password", "password", "current-password") +
    `<button type="button" disabled>${escaped(door.signIn)}</button></main></div>`
  );
}

/** early is what belongs into early.json, by the manifest of the build. */
export function early(manifest) {
  const links = (language) =>
    areas.map((area) => {
      const { file } = manifest[`src/locales/${language}/${area}.json`];
      return `<link rel="modulepreload" href="/${file}" nonce="{{nonce}}">`;
    });
  const all = ["en", "da"].map((l) => [l, { head: links(l).join(""), form: form(l) }]);
  return JSON.stringify(Object.fromEntries(all));
}
