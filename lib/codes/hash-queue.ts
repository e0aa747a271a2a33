import "server-only";
import { availableParallelism } from "node:os";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { processWide } from "@/lib/platform/process-wide";

/** How many may wait for Argon2id: some four seconds of work on two cores. */
const waitingMax = 1000;

/** One Argon2id holds 19 MiB and a core; two more than cores, so that none idles while the next is fetched. */
const runningMax = availableParallelism() + 2;

interface Queue {
  running: number;
  readonly ahead: (() => void)[];
  readonly waiting: (() => void)[];
  behind?: (() => void) | undefined;
  lastBehind: Promise<unknown>;
}

const queue = processWide(
  "hash queue",
  (): Queue => ({ running: 0, ahead: [], waiting: [], lastBehind: Promise.resolve() }),
);

/**
 * Runs `hash` when a place is free, first come first served, so that a thousand callers at once take 19 MiB a core and not
 * 19 GB. Every Argon2id of an access code in this process goes through here, whichever door asks.
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
  if (queue.running >= runningMax) {
    const line = isAhead ? queue.ahead : queue.waiting;
    if (line.length >= waitingMax) return refuse("busy");
    await new Promise<void>((resolve) => line.push(resolve));
  } else {
    queue.running += 1;
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
  const result = queue.lastBehind.then(async () => {
    if (queue.running >= runningMax) await new Promise<void>((resolve) => (queue.behind = resolve));
    else queue.running += 1;
    return inPlace(hash);
  });
  queue.lastBehind = result.catch(() => undefined);
  return result;
}

async function inPlace<T>(hash: () => Promise<T>): Promise<T> {
  try {
    return await hash();
  } finally {
    const next = queue.ahead.shift() ?? queue.waiting.shift() ?? takeBehind();
    if (next === undefined) queue.running -= 1;
    else next();
  }
}

function takeBehind(): (() => void) | undefined {
  const next = queue.behind;
  queue.behind = undefined;
  return next;
}
