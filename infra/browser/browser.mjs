// What the scripts beside this one share: the input from the test that started them, a browser, and the answer.
//
// A script ends when the test that started it does, whatever way that ends, and the browser ends with the script.

import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

// input is the value that the test gave: the first line of the standard input, in JSON. The test keeps the input open
// while it waits, so its end is the test's.
export function input() {
  const lines = createInterface({ input: process.stdin });
  return new Promise((resolve) => {
    lines.once("line", (line) => {
      process.stdin.unref(); // from now on, an open input must not keep a script alive that is done
      resolve(JSON.parse(line));
    });
    lines.once("close", () => {
      if (answered) return;
      console.error("the test has gone away");
      process.exit(1);
    });
  });
}

let answered = false;

// answer gives the test its result: the last line of the output, in JSON.
export function answer(value) {
  answered = true;
  process.stdout.write(`\n${JSON.stringify(value)}\n`);
}

// launch starts the Chromium that install.sh has found, with a new and empty profile, and nothing that would talk to the
// world outside: no name but localhost is known to it.
export async function launch() {
  const installed = process.env.CARETAKER_BROWSER;
  const { chromium } = createRequire(join(installed, "package.json"))("playwright-core");
  return chromium.launch({
    executablePath: process.env.CARETAKER_CHROMIUM,
    headless: true,
    timeout: 60_000, // in milliseconds; a busy machine takes ten times as long as an idle one
    chromiumSandbox: process.getuid?.() !== 0, // Chromium refuses to run its sandbox as root
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--no-proxy-server",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ],
  });
}
