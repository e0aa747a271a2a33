import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";

interface Addresses {
  baseUrl: string;
  standinUrl: string;
  databaseUrl: string;
  folder: string;
  logFile: string;
}

/** Brings up a whole product of the tests' own, and ends it after them. Its addresses stand in the environment of the tests. */
export default async function start(): Promise<() => Promise<void>> {
  const folder = mkdtempSync("/tmp/sparekey-e2e-");
  const child: ChildProcess = fork("tools/run.mjs", ["tools/testing/stack-process.ts", folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const addresses = await new Promise<Addresses>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Addresses));
    child.once("exit", (code) => reject(new Error(`the product did not start (exit ${code})`)));
  });
  process.env.E2E_BASE_URL = addresses.baseUrl;
  process.env.E2E_STANDIN_URL = addresses.standinUrl;
  process.env.E2E_DATABASE_URL = addresses.databaseUrl;
  process.env.E2E_FOLDER = addresses.folder;
  process.env.E2E_LOG_FILE = addresses.logFile;
  return async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
}
