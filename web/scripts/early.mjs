// What index.html shows and fetches before the script has come, by language: internal/console puts it in.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const web = join(import.meta.dirname, "..");
const areas = ["common", "problems", "entrance"]; // those that src/i18n waits for

/** What who is signed in needs on every page, and on those which most begin with: parts of the console, and areas of texts. */
const inside = { parts: ["src/inside.tsx"], areas: ["shell", "parts"] };
const pages = {
  home: { parts: ["src/pages/Home.tsx"], areas: [] },
  users: { parts: ["src/pages/users/Users.tsx"], areas: ["users"] },
  archived: { parts: ["src/pages/users/Archived.tsx"], areas: ["users"] },
  overview: { parts: ["src/pages/overview/Overview.tsx"], areas: ["overview"] },
};

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

/** filesOf are the files of some chunks with all that they import, but for those the page has anyway. */
function filesOf(manifest, names, given = new Set()) {
  const found = new Set();
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const { file, css = [], imports = [] } = manifest[name];
    [file, ...css].filter((f) => !given.has(f)).forEach((f) => found.add(f));
    imports.forEach(visit);
  };
  names.forEach(visit);
  return found;
}

const link = (file) =>
  file.endsWith(".css")
    ? `<link rel="preload" as="style" crossorigin href="/${file}">`
    : `<link rel="modulepreload" href="/${file}" nonce="{{nonce}}">`;

/** early is what belongs into early.json, by the manifest of the build. */
export function early(manifest) {
  const [entry] = Object.keys(manifest).filter(
    (name) => manifest[name].name === "start" && manifest[name].file.endsWith(".js"),
  );
  const given = filesOf(manifest, [entry]);
  const all = ["en", "da"].map((language) => {
    const named = ({ parts, areas }) => [...parts, ...areas.map((a) => `src/locales/${language}/${a}.json`)];
    const head = filesOf(manifest, named({ parts: [], areas }), given);
    const within = filesOf(manifest, named(inside), given);
    const links = (files) => [...files].map(link).join("");
    const behind = Object.entries(pages).map(([address, needs]) => [
      address,
      links(filesOf(manifest, named(needs), new Set([...given, ...within]))),
    ]);
    return [
      language,
      { head: links(head), form: form(language), inside: links(within), pages: Object.fromEntries(behind) },
    ];
  });
  return JSON.stringify(Object.fromEntries(all));
}
