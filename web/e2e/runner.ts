// Starts what the tests talk to: the local runner, which keeps nothing, and a Chromium.
import { spawn } from "node:child_process";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

const root = join(import.meta.dirname, "../..");

declare module "vitest" {
  interface ProvidedContext {
    baseURL: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const runner = spawn(join(root, "bin/caretaker-local"), {
    env: { ...process.env, PORT: "0", DATA: ":memory:" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) =>
    runner.once("close", () => {
      resolve();
    }),
  );
  const baseURL = await new Promise<string>((resolve, reject) => {
    let said = "";
    runner.once("error", () => {
      reject(new Error("bin/caretaker-local is missing: use `make test-console`"));
    });
    runner.once("close", () => {
      reject(new Error(`the runner did not start:\n${said}`));
    });
    runner.stdout.on("data", (text: Buffer) => {
      said += text.toString();
      const found = /ready after \d+ ms: (\S+)/.exec(said)?.[1];
      if (found !== undefined && said.includes("Ctrl-C stops it.")) resolve(found.replace("127.0.0.1", "localhost"));
    });
  });
  project.provide("baseURL", baseURL);
  return async () => {
    runner.kill("SIGTERM");
    await ended;
  };
}
