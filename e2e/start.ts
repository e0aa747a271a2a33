import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { FullConfig } from "@playwright/test";
import { ensureBuilt } from "../tools/build";
import type { Product } from "./product";

interface Running {
  product: Product;
  stop(): Promise<void>;
}

async function startOne(): Promise<Running> {
  const folder = mkdtempSync("/tmp/sparekey-e2e-");
  const child: ChildProcess = fork("tools/run.mjs", ["tools/testing/stack-process.ts", folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const product = await new Promise<Product>((resolve, reject) => {
    child.once("message", (message) => resolve(message as Product));
    child.once("exit", (code) => reject(new Error(`the product did not start (exit ${code})`)));
  });
  return {
    product,
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Brings up a whole product for each worker, so that none meets what another does, and ends them after the tests. */
export default async function start({ workers }: FullConfig): Promise<() => Promise<void>> {
  await ensureBuilt({ quiet: true });
  const running = await Promise.all(Array.from({ length: workers }, startOne));
  process.env.E2E_PRODUCTS = JSON.stringify(running.map(({ product }) => product));
  return async () => {
    await Promise.all(running.map(({ stop }) => stop()));
  };
}
