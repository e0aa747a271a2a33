import { defineConfig } from "@playwright/test";
import { chromiumFlags, pathOfChromium } from "./tools/testing/chromium";

export default defineConfig({
  testDir: "e2e",
  fullyParallel: false,
  workers: 3,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 120_000,
  expect: { timeout: 30_000 },
  projects: [
    { name: "pages", testIgnore: "secrets.spec.ts", teardown: "secrets" },
    { name: "secrets", testMatch: "secrets.spec.ts" },
  ],
  globalSetup: "./e2e/start.ts",
  use: {
    browserName: "chromium",
    viewport: { width: 1280, height: 900 },
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    contextOptions: { reducedMotion: "reduce" },
    trace: { mode: "retain-on-failure", screenshots: false },
    launchOptions: { executablePath: pathOfChromium(), args: chromiumFlags },
  },
});
