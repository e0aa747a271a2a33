import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { connect } from "@/db/client";
import { ensureBuilt } from "@/tools/build";
import { type Stack, startStack } from "@/tools/demo/stack";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/tools/postgres/embedded";

/** A whole product of a proof's own, whose database can be taken away and given back. */
export interface Product {
  stack: Stack;
  folder: string;
  /** Works as the owner of the tables. Connects again after a loss. */
  sql: postgres.Sql;
  /** Where the server and the stand-in log to. */
  logFile: string;
  /** Of the database server's first process. */
  databasePid(): number;
  /** Ends the database server: in good order, or at once as a crash would. */
  stopDatabase(how: "order" | "crash"): Promise<void>;
  startDatabase(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the product that stands built on `folder`, on free ports, with a database that loses nothing it confirmed.
 * Texts may go out often and cost what they like, so that a proof meets no limit that it isn't about.
 */
export async function startProduct(
  folder: string,
  options: { serverFlags?: readonly string[]; environment?: Record<string, string> } = {},
): Promise<Product> {
  await ensureBuilt({ quiet: true });
  const home = path.join(folder, "postgres");
  const launch = () => startEmbeddedPostgres(home);
  let database: EmbeddedPostgres = await launch();
  const admin = connect(database.url(), { max: 1 });
  await admin.unsafe("create database sparekey");
  await admin.end();
  const databaseUrl = database.url("sparekey");
  const logFile = path.join(folder, "server.log");
  let stack: Stack;
  try {
    stack = await startStack({
      folder,
      port: 0,
      standinPort: 0,
      databaseUrl,
      log: (line) => appendFileSync(logFile, line),
      ...options,
    });
  } catch (error) {
    await database.stop();
    throw error;
  }
  const databasePid = () =>
    Number(readFileSync(path.join(home, "data", "postmaster.pid"), "utf8").split("\n")[0]);
  const sql = connect(databaseUrl, { max: 4 });
  await sql`insert into policy_version (document) values (${sql.json({
    sends: { perTenMinutesMax: 10, perDayMax: 50 },
    budget: { amountPerDay: 1_000_000 },
  })})`;
  return {
    stack,
    folder,
    sql,
    logFile,
    databasePid,
    stopDatabase: async (how) => {
      if (how === "crash") process.kill(databasePid(), "SIGQUIT");
      await database.stop();
    },
    startDatabase: async () => {
      database = await launch();
    },
    stop: async () => {
      await sql.end({ timeout: 5 });
      await stack.stop();
      await database.stop();
    },
  };
}

/** Waits until `isSo` answers true; false where that takes longer than `patienceMs`. */
export async function until(
  isSo: () => Promise<boolean>,
  patienceMs: number,
  everyMs = 20,
): Promise<boolean> {
  for (const deadline = performance.now() + patienceMs; ; await sleep(everyMs)) {
    if (await isSo()) return true;
    if (performance.now() > deadline) return false;
  }
}
