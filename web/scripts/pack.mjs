// Puts what Vite built where the Go program embeds it. Text goes there compressed only, in both codings that browsers
// take; the page itself stays readable, because each answer writes another nonce into it.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { early } from "./early.mjs";

const from = join(import.meta.dirname, "../dist");
const to = join(import.meta.dirname, "../../internal/console/built");

const text = new Set([".js", ".css", ".svg", ".json"]);
const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };

function write(name, content) {
  const path = join(to, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

for (const old of ["assets", "early.json", "index.html"]) rmSync(join(to, old), { recursive: true, force: true });
for (const name of readdirSync(join(from, "assets"))) {
  const content = readFileSync(join(from, "assets", name));
  if (text.has(extname(name))) {
    write(`assets/${name}.br`, brotliCompressSync(content, best));
    write(`assets/${name}.gz`, gzipSync(content, { level: 9 }));
  } else {
    write(`assets/${name}`, content);
  }
}
write("early.json", early(JSON.parse(readFileSync(join(from, ".vite/manifest.json"), "utf8"))));
write("index.html", readFileSync(join(from, "index.html"))); // last: with it the console counts as built
