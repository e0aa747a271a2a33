import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { Fault } from "./outcome";
import { inStatement, inTransaction, isDuplicate } from "./transaction";

openTestDatabase();

test.each([
  ["a statement", inStatement],
  ["a transaction", inTransaction],
] as const)("a fault of %s repeats none of its parameters, and keeps the driver's code", async (_, run) => {
  const failing = run((tx) => tx.execute(sql`select ${"+12025550101"}::text, ${1}::int / 0`));
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
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
