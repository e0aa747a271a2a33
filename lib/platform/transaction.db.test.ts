import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { Fault } from "./outcome";
import { inStatement, inTransaction, isDatabaseAway, isDuplicate, type Tx } from "./transaction";

const db = openTestDatabase();

const endConnections = () =>
  db.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sparekey' and datname = current_database()`;
const pause = (tx: Tx, seconds: number) => tx.execute(sql`select pg_sleep(${seconds}::float8)`);
const errorOf = (failing: Promise<unknown>) =>
  failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

test.each([
  ["a statement", inStatement],
  ["a transaction", inTransaction],
] as const)("a fault of %s repeats none of its parameters, and keeps the driver's code", async (_, run) => {
  const failing = run((tx) => tx.execute(sql`select ${"+12025550101"}::text, ${1}::int / 0`));
  const error = await errorOf(failing);
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ cause: { code: "22012" } });
  expect(String((error as Error).stack)).not.toContain("+12025550101");
});

test("what breaks a unique index is told apart", async () => {
  const error = await inStatement((tx) => tx.execute(sql`insert into server_state (id) values (1)`)).catch(
    (thrown: unknown) => thrown,
  );
  expect(isDuplicate(error)).toBe(true);
  expect(isDuplicate(new Error("else"))).toBe(false);
});

test("who waited too long for a row, or for an answer, is told to come again, not that something broke", async () => {
  const lock = (tx: Tx) => tx.execute(sql`select 1 from server_state for update`);
  for (const setting of ["lock_timeout", "statement_timeout"]) {
    let isHeld = () => {};
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      isHeld = resolve;
    });
    const holding = inTransaction(async (tx) => {
      await lock(tx);
      isHeld();
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
    });
    await held;
    const error = await errorOf(
      inTransaction(async (tx) => {
        await tx.execute(sql.raw(`set local ${setting} = '50ms'`));
        await lock(tx);
      }),
    );
    letGo();
    await holding;
    expect(isDatabaseAway(error)).toBe(true);
  }
});

test("connections lost in any state are each told of once, and the next calls go on others (connection-loss)", async () => {
  const work = () => [
    ...Array.from({ length: 6 }, () => errorOf(inStatement((tx) => pause(tx, 5)))),
    ...Array.from({ length: 6 }, () =>
      errorOf(
        inTransaction(async (tx) => {
          await pause(tx, 0.01);
          await sleep(600);
          await pause(tx, 0.01);
        }),
      ),
    ),
  ];
  for (let round = 0; round < 3; round += 1) {
    const broken = work();
    await sleep(300);
    await endConnections();
    for (const error of await Promise.all(broken)) expect(isDatabaseAway(error)).toBe(true);
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        i % 2 === 0 ? inStatement((tx) => pause(tx, 0)) : inTransaction((tx) => pause(tx, 0)),
      ),
    );
    expect(performance.now() - begun).toBeLessThan(4_000);
  }
});
