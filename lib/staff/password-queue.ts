import "server-only";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { processWide } from "@/lib/platform/process-wide";

/** Half of libuv's four threads: the codes of users are judged beside, whoever tries passwords. */
const runningMax = 2;

const queue = processWide("password queue", () => ({ running: 0, waiting: [] as (() => void)[] }));

/**
 * Runs `work`, which holds one Argon2id of a password, when a place is free, first come first served: so that a thousand
 * strangers at once take two threads and two connections to the database, and the console goes on.
 *
 * @param options.waitingMax how many may wait before it; left out: any number, for who is proven already.
 * @returns what it gave; `busy` at once where so many wait: nothing was done.
 * @throws whatever `work` throws.
 */
export async function inPasswordQueue<T>(
  work: () => Promise<T>,
  { waitingMax = Number.POSITIVE_INFINITY }: { waitingMax?: number } = {},
): Promise<Success<{ value: T }> | Refusal<"busy">> {
  if (queue.running >= runningMax) {
    if (queue.waiting.length >= waitingMax) return refuse("busy");
    await new Promise<void>((resolve) => queue.waiting.push(resolve));
  } else {
    queue.running += 1;
  }
  try {
    return { ok: true, value: await work() };
  } finally {
    const next = queue.waiting.shift();
    if (next === undefined) queue.running -= 1;
    else next();
  }
}
