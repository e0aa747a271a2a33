import { afterEach, expect, test, vi } from "vitest";
import { workerPatienceMs } from "@/lib/platform/worker-turn";
import { openTestDatabase } from "@/tools/testing/database";
import { openTelephony } from "@/tools/testing/telephony";
import { buildApp } from "./app";
import { startWorker } from "./worker";

const db = openTestDatabase();
openTelephony();

const app = await buildApp((_request, response) => response.end());

async function readHealth() {
  const response = await app.inject("/healthz");
  expect(response.headers["cache-control"]).toBe("no-store");
  return { status: response.statusCode, parts: response.json().parts };
}

afterEach(() => vi.restoreAllMocks());

test("an instance whose worker doesn't turn doesn't serve, and serves again once it does", async () => {
  expect(await readHealth()).toMatchObject({ status: 503, parts: { database: "up", worker: "stalled" } });
  const worker = await startWorker();
  expect(await readHealth()).toEqual({ status: 200, parts: { database: "up", worker: "up", process: "up" } });

  // The queue's own table is held: the worker asks for work and hears nothing.
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const holding = db.sql.begin(async (sql) => {
    await sql`lock table graphile_worker._private_jobs in access exclusive mode`;
    await held;
  });
  await vi.waitFor(async () => {
    const [row] =
      await db.sql`select count(*)::int from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`;
    expect(row?.count).toBeGreaterThan(0);
  }, 10_000);
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + workerPatienceMs);
  expect(await readHealth()).toMatchObject({ status: 503, parts: { database: "up", worker: "stalled" } });
  letGo();
  await holding;
  await vi.waitFor(async () => expect(await readHealth()).toMatchObject({ status: 200 }), 10_000);
  clock.mockRestore();
  await worker.stop();
});

test("however many want to know at once, they take no more than a connection or two of those that people's work needs", async () => {
  await Promise.all(Array.from({ length: 100 }, readHealth));
  const [row] = await db.sql`
    select count(*)::int from pg_stat_activity where datname = current_database() and query = 'select 1'`;
  expect(row?.count).toBeLessThanOrEqual(2);
});
