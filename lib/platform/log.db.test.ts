import { Writable } from "node:stream";
import { inspect } from "node:util";
import { sql } from "drizzle-orm";
import Fastify, { type FastifyBaseLogger } from "fastify";
import { expect, test } from "vitest";
import { connect } from "@/db/client";
import { openTestDatabase } from "@/tools/testing/database";
import { insertUser } from "@/tools/testing/rows";
import { makeLog } from "./log";
import { Fault } from "./outcome";
import { inStatement, inTransaction, type Tx } from "./transaction";

const db = openTestDatabase();

function openLog() {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  return { log: makeLog("trace", destination), lines };
}

const errorOf = (failing: Promise<unknown>) =>
  failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

const VALUE = "ada.secret@sparekey.test";

const failing: readonly [string, string, (tx: Tx) => Promise<unknown>][] = [
  ["a value that is no uuid", "22P02", (tx) => tx.execute(sql`select ${VALUE}::text::uuid`)],
  ["a value that is no date", "22007", (tx) => tx.execute(sql`select ${VALUE}::text::timestamptz`)],
  [
    "a key that is there already",
    "23505",
    (tx) => tx.execute(sql`insert into leak_probe (login) values (${VALUE}), (${VALUE})`),
  ],
  [
    "a row that breaks a check",
    "23514",
    (tx) => tx.execute(sql`insert into leak_probe (login, age) values (${VALUE}, -1)`),
  ],
  [
    "a value that a function refuses",
    "P0001",
    (tx) =>
      tx.execute(
        sql.raw(
          `do $$ begin raise exception 'no % here', '${VALUE}' using detail = '${VALUE}', hint = '${VALUE}'; end $$`,
        ),
      ),
  ],
];

test("of a statement that fails, the log repeats no value: neither by pino, nor by whoever prints the error whole", async () => {
  await db.sql`create table leak_probe (login text primary key, age int check (age >= 0))`;
  await db.sql`grant all on leak_probe to sparekey_app`;
  const { log, lines } = openLog();
  const inner = Fastify({ loggerInstance: log as FastifyBaseLogger }).log;
  for (const [, code, work] of failing) {
    for (const run of [inStatement, inTransaction] as const) {
      const error = await errorOf(run(work));
      expect(error).toBeInstanceOf(Fault);
      expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("ada.secret");
      lines.length = 0;
      log.error({ err: error, requestId: "r" }, "fault");
      log.error(error);
      inner.error({ err: error }, (error as Error).message);
      expect(lines).toHaveLength(3);
      for (const line of lines) {
        expect(line).not.toContain("ada.secret");
        expect(JSON.parse(line)).toMatchObject({
          err: { type: "Fault", cause: { code, severity: "ERROR", routine: expect.any(String) } },
        });
      }
    }
  }
});

test("nor of one that failed for the owner's driver, whose error still has all its words", async () => {
  const owner = connect(db.url, { max: 1 });
  const { log, lines } = openLog();
  const user = await insertUser(db.sql);
  const error = await errorOf(owner`select ${VALUE}::text::uuid, ${user.id}::uuid`);
  await owner.end();
  expect(String(error)).toContain(VALUE);
  log.error({ err: error });
  log.error({ err: new AggregateError([error], VALUE, { cause: error }) }, "not all could be swept");
  log.error(new SyntaxError(`unexpected token in ${VALUE}\n    at ${VALUE}`));
  expect(lines.join("")).not.toContain("ada.secret");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { msg: "fault", err: { code: "22P02", stack: expect.stringContaining("    at ") } },
    { msg: "not all could be swept", err: { type: "AggregateError", errors: [{ code: "22P02" }] } },
    { msg: "fault", err: { type: "SyntaxError", stack: expect.stringContaining("log.db.test.ts") } },
  ]);
});

test("a fault of ours says what it is", () => {
  const { log, lines } = openLog();
  log.error({ err: new Fault("a slot was not made") });
  expect(JSON.parse(lines[0] as string)).toMatchObject({
    msg: "a slot was not made",
    err: { type: "Fault", message: "a slot was not made" },
  });
});
