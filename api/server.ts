import "server-only";
import nextEnv from "@next/env";
import next from "next";
import { migrate, UnfitDatabase } from "@/db/migrate";
import { ConfigError, getConfig } from "@/lib/platform/config";
import { getLog } from "@/lib/platform/log";
import { beginShutdown } from "@/lib/platform/shutdown";
import { onStopSignals } from "@/lib/platform/stop-signals";
import { closeDatabase } from "@/lib/platform/transaction";
import { ensureSetupToken } from "@/lib/staff/setup";
import { buildApp } from "./app";
import { startWorker } from "./worker";

const STOP_MS_MAX = 30_000;

/** Where this machine reaches itself, when it listens on `host`. */
function toLoopback(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

/**
 * Starts this instance: checks the environment, brings the database to the newest schema, opens the doors.
 * SIGTERM and SIGINT stop it gracefully: no new work, what was begun is finished (30 s at most); a second one, a second later, stops it at once.
 */
async function main(): Promise<void> {
  nextEnv.loadEnvConfig(process.cwd(), process.env.NODE_ENV === "development");
  const config = getConfig();
  const log = getLog();
  await migrate(config.DATABASE_URL);

  // Where Next fetches a page that a form leads to: from us, and not from whatever host the caller named.
  process.env.__NEXT_PRIVATE_ORIGIN = `http://${toLoopback(config.HOST)}:${config.PORT}`;
  const people = next({
    dev: config.NODE_ENV === "development",
    dir: process.cwd(),
    hostname: config.HOST,
    port: config.PORT,
  });
  await people.prepare();
  const handlePeople = people.getRequestHandler();
  const app = await buildApp((request, response) => {
    handlePeople(request, response).catch((error: unknown) => log.error({ err: error }, "page fault"));
  });
  const worker = await startWorker();
  await app.listen({ host: config.HOST, port: config.PORT });
  log.info({ port: config.PORT, baseUrl: config.BASE_URL }, "serving");
  const setup = await ensureSetupToken();
  if (setup !== undefined) {
    process.stderr.write(
      `\nNobody is staff yet. Make the first owner at ${setup.url} with the code ${setup.code} (24 h, once).\n\n`,
    );
  }
  process.send?.({ ready: true });

  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
    log.info({ signal }, "stopping");
    beginShutdown();
    await Promise.all([app.close().then(() => people.close()), worker.stop()]);
    await closeDatabase();
    log.info("stopped");
    process.exit(0);
  };
  onStopSignals(
    (signal) => void stop(signal),
    () => process.exit(1),
  );
  process.on("disconnect", () => void stop("SIGTERM"));
}

main().catch((error: unknown) => {
  if (!(error instanceof ConfigError || error instanceof UnfitDatabase))
    getLog().fatal({ err: error }, "did not start");
  if (error instanceof Error && !("severity" in error)) process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
