// Starts what tests and measurements talk to: the local runner, which keeps nothing, and a Chromium.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/**
 * startRunner starts the program that `make test-console` builds, and says where it answers and how to stop it. The stack is as
 * STACK of `make run`.
 */
export async function startRunner(stack = "embedded") {
  const runner = spawn(join(root, "bin/caretaker-local"), {
    env: { ...process.env, PORT: "0", DATA: ":memory:", STACK: stack },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => runner.once("close", resolve));
  const baseURL = await new Promise((resolve, reject) => {
    let said = "";
    runner.once("error", () => reject(new Error("bin/caretaker-local is missing: use `make test-console`")));
    runner.once("close", () => reject(new Error(`the runner did not start:\n${said}`)));
    runner.stdout.on("data", (text) => {
      said += text.toString();
      const found = /ready after \d+ ms: (\S+)/.exec(said)?.[1];
      if (found !== undefined && said.includes("Ctrl-C stops it.")) resolve(found.replace("127.0.0.1", "localhost"));
    });
  });
  return {
    baseURL,
    stop: async () => {
      runner.kill("SIGTERM");
      await ended;
    },
  };
}

/** startBrowser starts the Chromium of infra/browser. */
export async function startBrowser() {
  const tools = join(root, ".tools/browser");
  process.env.CARETAKER_BROWSER = tools;
  process.env.CARETAKER_CHROMIUM = readFileSync(join(tools, "chromium"), "utf8").trim();
  const { launch } = await import(join(root, "infra/browser/browser.mjs"));
  return launch();
}

/** member is somebody of the demonstration, once they are there. */
export async function member(baseURL, organisation, name) {
  for (;;) {
    const demo = await (await fetch(`${baseURL}/dev/demo`)).json();
    const found = demo.organisations.find((o) => o.slug === organisation)?.users.find((u) => u.name === name);
    if (found?.password) return { organisation, ...found };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
