import { setTimeout as sleep } from "node:timers/promises";
import { relyingSystem, script, toCredentials } from "./callers";
import type { Told } from "./kills";
import type { Violation } from "./ledger";
import { dealPeople, listPeople } from "./people";
import { type Product, until } from "./product";
import type { Chance } from "./random";

const CALLERS = 8;
const AWAY_MS = 3_000;
/** No answer may take longer, whatever the database does. */
const PATIENCE_MS = 20_000;
/** The product serves again by itself within this, once the database is back. */
const RECOVERY_MS = 15_000;

/**
 * Takes the database away in the middle of calls and gives it back, in good order and by a crash: what can't be done is
 * answered by 503, nothing hangs, the server stays the same process and serves again by itself, and nothing that
 * somebody was told is lost.
 */
export async function loseDatabase(
  product: Product,
  chance: Chance,
): Promise<{ violations: Violation[]; told: Told; statuses: ReadonlyMap<string, number> }> {
  const { stack, sql, folder } = product;
  const rely = relyingSystem(stack.baseUrl, folder);
  const scripted = script(stack.baseUrl, folder);
  const deal = dealPeople(await listPeople(sql), chance);
  const told: Told = { grantIds: [], attemptIds: [] };
  const statuses = new Map<string, number>();
  const odd: string[] = [];
  const slow: string[] = [];
  const violations: Violation[] = [];
  const pid = stack.serverPid();
  let isOver = false;

  const count = (what: string, status: number) => {
    const key = `${what} ${status}`;
    statuses.set(key, (statuses.get(key) ?? 0) + 1);
    if (status !== 200 && status !== 503) odd.push(key);
  };
  const call = async (): Promise<void> => {
    const begun = performance.now();
    const what = chance.pick(["issue", "ask", "health"] as const);
    try {
      if (what === "issue") {
        const issued = await scripted.issue(deal().id);
        count(what, issued.status);
        if (issued.status === 200) told.grantIds.push(issued.body.emergencyTokencodeId);
      } else if (what === "ask") {
        const first = await rely.initialize(deal(true).login);
        count("initialize", first.status);
        if (first.status !== 200) return;
        const second = await rely.verify(first.body, toCredentials("SMS"));
        count("ask", second.status);
        if (second.body.attemptResponseCode === "CHALLENGE")
          told.attemptIds.push(second.body.context?.authnAttemptId as string);
      } else count(what, (await fetch(`${stack.baseUrl}/healthz`)).status);
    } catch (error) {
      odd.push(`${what}: ${String(error)}`);
    } finally {
      const ms = performance.now() - begun;
      if (ms > PATIENCE_MS) slow.push(`${what} took ${(ms / 1000).toFixed(1)} s`);
    }
  };
  const callers = Array.from({ length: CALLERS }, async () => {
    while (!isOver) {
      await call();
      await sleep(chance.between(0, 40));
    }
  });

  for (const how of ["order", "crash"] as const) {
    await sleep(1_500);
    await product.stopDatabase(how);
    await sleep(AWAY_MS);
    await product.startDatabase();
    const isBack = await until(
      async () =>
        (await fetch(`${stack.baseUrl}/healthz`)).ok && (await scripted.issue(deal().id)).status === 200,
      RECOVERY_MS,
      100,
    );
    if (!isBack)
      violations.push({
        promise: "the server serves again by itself",
        shownBy: [`after the database ended in ${how}`],
      });
  }
  await sleep(1_500);
  isOver = true;
  await Promise.all(callers);
  if (odd.length > 0)
    violations.push({ promise: "a database that is away is answered by 503", shownBy: odd });
  if (slow.length > 0)
    violations.push({ promise: "nothing hangs while the database is away", shownBy: slow });
  if (stack.serverPid() !== pid || !isAlive(pid))
    violations.push({ promise: "the server outlives the database", shownBy: [String(pid)] });
  return { violations, told, statuses };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
