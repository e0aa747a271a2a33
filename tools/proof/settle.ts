import { type Product, until } from "./product";

/** How long the slowest of what the program does by itself takes: a sweep a minute, over what is 90 s old. */
const SWEEP_SECONDS_MAX = 200;

async function countOpen({ sql }: Product): Promise<number> {
  const [row] = await sql<{ open: number }[]>`
    select (select count(*) from delivery where state in ('queued', 'sending'))::int
      + (select count(*) from channel_ask where handled_at is null)::int as open`;
  return row?.open ?? 0;
}

/**
 * Waits until nothing is under way any more: what a dead worker left behind was found by the sweep. `aged` makes everything
 * that waits five minutes older and starts the server anew, whose first act is a sweep, in place of waiting for real.
 * @returns whether it came to rest.
 */
export async function settle(product: Product, how: "real" | "aged"): Promise<boolean> {
  const isAtRest = async () => (await countOpen(product)) === 0;
  if (how === "real") return until(isAtRest, SWEEP_SECONDS_MAX * 1_000, 500);
  const { sql, stack } = product;
  if (await until(isAtRest, 3_000, 100)) return true;
  for (let round = 1; round <= 3; round += 1) {
    await stack.restartServer("SIGTERM");
    await sql`update delivery set sending_at = sending_at - interval '5 minutes', due_at = due_at - interval '5 minutes' where state in ('queued', 'sending')`;
    await sql`update channel_ask set asked_at = asked_at - interval '5 minutes' where handled_at is null`;
    await sql`update graphile_worker._private_jobs set locked_at = locked_at - interval '5 minutes' where locked_at is not null`;
    await stack.restartServer("SIGTERM");
    if (await until(isAtRest, 10_000, 100)) return true;
  }
  return false;
}
