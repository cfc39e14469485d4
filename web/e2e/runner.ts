import type { TestProject } from "vitest/node";
import { startRunner } from "../scripts/local.mjs";

declare module "vitest" {
  interface ProvidedContext {
    baseURL: string;
  }
}

/** The local runner is started once for all tests: on the embedded stack, or with CONSOLE_STACK=aws on emulators of AWS. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { baseURL, stop } = await startRunner(process.env["CONSOLE_STACK"]);
  project.provide("baseURL", baseURL);
  return stop;
}
