import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureChromium } from "./chromium";

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

function run(args: string[], environment: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: "inherit",
      env: { ...process.env, ...environment },
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

const folder = mkdtempSync(path.join(tmpdir(), "sparekey-results-"));

function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path.join(folder, file), "utf8")) as T;
  } catch {
    return undefined;
  }
}

async function runVitest(): Promise<Count> {
  const code = await run(
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${folder}/vitest.json`,
    ],
    { NODE_ENV: "test" },
  );
  const report = read<{
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
  }>("vitest.json");
  const failed = report?.numFailedTests ?? 0;
  return {
    passed: report?.numPassedTests ?? 0,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

async function runPlaywright(): Promise<Count> {
  const chromium = ensureChromium();
  const code = await run(["node_modules/@playwright/test/cli.js", "test", "--reporter=list,json"], {
    CHROMIUM_PATH: chromium,
    E2E_WHOLE: "1",
    PLAYWRIGHT_JSON_OUTPUT_FILE: `${folder}/playwright.json`,
  });
  const stats = read<{ stats: { expected: number; unexpected: number; flaky: number; skipped: number } }>(
    "playwright.json",
  )?.stats;
  const failed = (stats?.unexpected ?? 0) + (stats?.flaky ?? 0);
  return {
    passed: stats?.expected ?? 0,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: stats?.skipped ?? 0,
  };
}

const counts = [await runVitest(), await runPlaywright()];
rmSync(folder, { recursive: true, force: true });
const sum = counts.reduce((all, one) => ({
  passed: all.passed + one.passed,
  failed: all.failed + one.failed,
  skipped: all.skipped + one.skipped,
}));
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1);
