import "server-only";
import { availableParallelism } from "node:os";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";

/** How many may wait for Argon2id: some four seconds of work on two cores. */
const waitingMax = 1000;

/** One Argon2id holds 19 MiB and a core; two more than cores, so that none idles while the next is fetched. */
const runningMax = availableParallelism() + 2;

const waiting: (() => void)[] = [];
const ahead: (() => void)[] = [];
let running = 0;

let behind: (() => void) | undefined;
let lastBehind: Promise<unknown> = Promise.resolve();

/**
 * Runs `hash` when a place is free, first come first served, so that a thousand callers at once take 19 MiB a core and not
 * 19 GB. Every Argon2id of an access code goes through here.
 *
 * @param options.isAhead goes before all who are not, and waits in a queue of its own: for who is proven, and doesn't judge but
 *   makes. So strangers who type codes, however many, don't stop the desk from issuing.
 * @returns What it gave; `busy` at once where a thousand wait already: nothing was judged.
 * @throws whatever `hash` throws.
 */
export async function inHashQueue<T>(
  hash: () => Promise<T>,
  { isAhead = false }: { isAhead?: boolean } = {},
): Promise<Success<{ value: T }> | Refusal<"busy">> {
  if (running >= runningMax) {
    const queue = isAhead ? ahead : waiting;
    if (queue.length >= waitingMax) return refuse("busy");
    await new Promise<void>((resolve) => queue.push(resolve));
  } else {
    running += 1;
  }
  return { ok: true, value: await inPlace(hash) };
}

/**
 * Runs `hash` behind everybody in the queue, one such at a time: for work that nobody waits for. It takes one place at most,
 * and none for as long as somebody waits.
 *
 * @returns What it gave.
 * @throws whatever `hash` throws.
 */
export function behindHashQueue<T>(hash: () => Promise<T>): Promise<T> {
  const result = lastBehind.then(async () => {
    if (running >= runningMax) await new Promise<void>((resolve) => (behind = resolve));
    else running += 1;
    return inPlace(hash);
  });
  lastBehind = result.catch(() => undefined);
  return result;
}

async function inPlace<T>(hash: () => Promise<T>): Promise<T> {
  try {
    return await hash();
  } finally {
    const next = ahead.shift() ?? waiting.shift() ?? takeBehind();
    if (next === undefined) running -= 1;
    else next();
  }
}

function takeBehind(): (() => void) | undefined {
  const next = behind;
  behind = undefined;
  return next;
}
