import { setTimeout as sleep } from "node:timers/promises";
import { Line } from "./line";

/** What came of requests that were sent by the clock. */
export interface Offered {
  sent: number;
  /** Milliseconds from when each was due to its answer: what waited for its turn counts. */
  took: number[];
  /** How many answers had each status. */
  statuses: Record<number, number>;
  seconds: number;
}

/** More than anybody answers: as many are sent as the connections take. */
export const asMany = 1_000_000;

/**
 * Sends so many requests a second whether or not those before were answered, as a crowd does that knows nothing of each other.
 * @param atOnceMax connections at most; what finds none free waits for one.
 */
export async function offer(options: {
  port: number;
  perSecond: number;
  seconds: number;
  atOnceMax: number;
  write: (number: number) => string;
}): Promise<Offered> {
  const { port, perSecond, seconds, atOnceMax, write } = options;
  const lines = await Promise.all(Array.from({ length: atOnceMax }, () => Line.open(port)));
  const free = [...lines];
  const offered: Offered = { sent: 0, took: [], statuses: {}, seconds: 0 };
  const begun = performance.now();
  const underWay = new Set<Promise<void>>();
  const send = async (line: Line, dueMs: number, number: number): Promise<void> => {
    const { status } = await line.send(write(number));
    offered.took.push(performance.now() - dueMs);
    offered.statuses[status] = (offered.statuses[status] ?? 0) + 1;
    free.push(line);
  };
  for (let now = begun; now < begun + seconds * 1_000; now = performance.now()) {
    const due = Math.floor(((now - begun) / 1_000) * perSecond) + 1;
    while (offered.sent < due) {
      const line = free.pop();
      if (line === undefined) break;
      const dueMs = begun + (offered.sent / perSecond) * 1_000;
      const sending = send(line, dueMs, offered.sent);
      offered.sent += 1;
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
    }
    await sleep(1);
  }
  await Promise.all(underWay);
  offered.seconds = (performance.now() - begun) / 1_000;
  for (const line of lines) line.close();
  return offered;
}
