import { networkInterfaces } from "node:os";
import { listPending, readSync } from "./state";
import type { SyncResult } from "./sync";

/** What the daemon works with; all of it is handed in, so that a test needs no waiting. */
export interface DaemonMeans {
  readonly sync: () => Promise<SyncResult>;
  /** How many receipts wait to be handed in. */
  readonly countPending: () => number;
  /** The addresses that this machine has now, in one string; empty: it has none but its own loop. */
  readonly readNetwork: () => string;
  /** Milliseconds since start of the machine, those that it slept included. */
  readonly clock: () => number;
  /** Ends early, without an error, when the daemon is told to stop. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly isStopped: () => boolean;
  /** One line for the journal. */
  readonly log: (line: string) => void;
}

const lookSeconds = 20;
const changeSecondsMax = 30;
const contactSecondsMax = 50;
const syncSecondsMax = 4 * 3600;
const refusedSecondsFirst = 30;
const refusedSecondsMax = 3600;

/**
 * Gives how long to wait until the next sync, in seconds, spread so that machines that began together drift apart.
 *
 * After a success up to what the server says, at most 4 h. Where the server can't be reached 25 to 50 s, for an attempt that meets
 * nobody costs nobody anything, and the network may be back at any time. Where it answered and refused 30 s, doubling to 1 h, and
 * never sooner than it asked for.
 *
 * @param failures Refusals in a row, this one included.
 * @see offline, "Package": within 60 s of any contact, and at least every 4 h
 */
export function decideWait(result: SyncResult, failures: number, random: () => number): number {
  const spread = (seconds: number) => seconds * (0.5 + random() / 2);
  if (result.ok) {
    const seconds = Math.min(result.syncSeconds, syncSecondsMax);
    return seconds * (0.8 + random() / 5);
  }
  if (result.reason === "unreachable") return spread(contactSecondsMax);
  const seconds = Math.min(refusedSecondsFirst * 2 ** Math.min(failures - 1, 20), refusedSecondsMax);
  return Math.max(spread(seconds), Math.min(result.retryAfterSeconds ?? 0, refusedSecondsMax));
}

/**
 * Syncs at start, then whenever it is time, within 20 s when a receipt was written, and within 50 s when the machine has another
 * address, until it is told to stop. A sync that fails never ends it.
 *
 * @see offline, "Package"
 */
export async function runDaemon(means: DaemonMeans): Promise<void> {
  let failures = 0;
  while (!means.isStopped()) {
    const result = await syncOrFault(means);
    if (means.isStopped()) return;
    failures = result.ok || result.reason === "unreachable" ? 0 : failures + 1;
    means.log(result.ok ? "synced" : `not synced: ${result.reason}: ${result.message}`);
    const until = means.clock() + decideWait(result, failures, means.random) * 1000;
    const [left, network] = [means.countPending(), means.readNetwork()];
    while (!means.isStopped() && means.clock() < until) {
      await means.sleep(Math.min(lookSeconds * 1000, until - means.clock()));
      if (!result.ok) continue;
      if (means.countPending() > left) break;
      if (!["", network].includes(means.readNetwork())) {
        await means.sleep(means.random() * changeSecondsMax * 1000);
        break;
      }
    }
  }
}

async function syncOrFault({ sync }: DaemonMeans): Promise<SyncResult> {
  try {
    return await sync();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: "fault", message, retryAfterSeconds: null };
  }
}

/** Reads the addresses that this machine has besides its own loop. */
export function readNetwork(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((of) => of ?? []);
  return addresses
    .filter(({ internal }) => !internal)
    .map(({ address }) => address)
    .sort()
    .join(" ");
}

/** Counts the receipts of a folder that wait; 0 where it can't be read, which the next sync says. */
export function countPending(folder: string): number {
  try {
    return listPending(folder, readSync(folder).acknowledged).length;
  } catch {
    return 0;
  }
}
