import "server-only";
import { sql } from "drizzle-orm";
import { isShuttingDown } from "./shutdown";
import { inStatement } from "./transaction";

/** Whether this instance can serve, and how each of its parts is. */
export interface Health {
  status: "serving" | "not_serving";
  parts: { database: "up" | "down"; process: "up" | "stopping" };
}

const PATIENCE_MS = 2_000;

async function isDatabaseUp(): Promise<boolean> {
  const patience = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS).unref());
  const asked = inStatement((tx) => tx.execute(sql`select 1`)).then(
    () => true,
    () => false,
  );
  return Promise.race([asked, patience]);
}

/** Asks every part that serving depends on; answers within about 2 s whatever they do. */
export async function readHealth(): Promise<Health> {
  const database = (await isDatabaseUp()) ? "up" : "down";
  const process = isShuttingDown() ? "stopping" : "up";
  return {
    status: database === "up" && process === "up" ? "serving" : "not_serving",
    parts: { database, process },
  };
}
