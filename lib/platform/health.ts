import "server-only";
import { sql } from "drizzle-orm";
import { isShuttingDown } from "./shutdown";
import { inStatement } from "./transaction";
import { isWorkerTurning } from "./worker-turn";

/** Whether this instance can serve, and how each of its parts is. */
export interface Health {
  status: "serving" | "not_serving";
  parts: { database: "up" | "down"; worker: "up" | "stalled"; process: "up" | "stopping" };
}

const PATIENCE_MS = 2_000;

let asking: Promise<boolean> | undefined;

async function isDatabaseUp(): Promise<boolean> {
  const patience = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS).unref());
  const asked = inStatement((tx) => tx.execute(sql`select 1`)).then(
    () => true,
    () => false,
  );
  return Promise.race([asked, patience]);
}

/** Asks the database, one question at a time however many want to know; one that isn't answered in time is given up for the next. */
function askDatabase(): Promise<boolean> {
  asking ??= isDatabaseUp().finally(() => {
    asking = undefined;
  });
  return asking;
}

/**
 * Asks every part that serving depends on; answers within about 2 s whatever they do. The worker is stalled when it hasn't
 * turned for `workerPatienceMs`: what is asked for would be promised and not sent.
 */
export async function readHealth(): Promise<Health> {
  const database = (await askDatabase()) ? "up" : "down";
  const worker = isWorkerTurning() ? "up" : "stalled";
  const process = isShuttingDown() ? "stopping" : "up";
  return {
    status: database === "up" && worker === "up" && process === "up" ? "serving" : "not_serving",
    parts: { database, worker, process },
  };
}
