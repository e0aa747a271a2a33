import { type ChildProcess, fork } from "node:child_process";
import { findFreePort } from "@/tools/demo/stack";
import { testEnvironment } from "@/tools/testing/environment";

/** The product's server on a database, and how its look-up is asked by somebody who is signed in. */
export interface LookupDoor {
  child: ChildProcess;
  port: number;
  cookie: string;
  /** Where `query` is asked, without the host. */
  pathOf(query: string): string;
}

/** Starts the product that stands built on a database whose tables are there. It ends with `child`. */
export async function openLookupDoor(databaseUrl: string): Promise<LookupDoor> {
  const port = await findFreePort();
  const environment = testEnvironment({
    NODE_ENV: "production",
    PORT: String(port),
    BASE_URL: `http://localhost:${port}`,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: "info",
    SPAREKEY_DEMO: "0",
  });
  const child = fork("tools/run.mjs", ["tools/bench/lookup-server.ts"], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const cookie = await new Promise<string>((resolve, reject) => {
    let sealed = "";
    child.on("message", (message: { cookie?: string; ready?: boolean }) => {
      sealed = message.cookie ?? sealed;
      if (message.ready) resolve(sealed);
    });
    child.once("exit", (code) => reject(new Error(`the look-up's server ended with ${code}`)));
  });
  return { child, port, cookie, pathOf: (query) => `/api/look-up?query=${encodeURIComponent(query)}` };
}
