import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    globalSetup: "e2e/runner.ts",
    fileParallelism: false, // one browser and one runner; the machine compiles beside them
    testTimeout: 120_000, // most of it is room for a busy machine
    hookTimeout: 60_000,
  },
});
