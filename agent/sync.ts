import { receiptsPerSyncMax, syncAnswerSchema } from "@/lib/machines/wire";
import { acceptPackage } from "./accept";
import { digest, toKeyId } from "./jws";
import { ask, ServerError } from "./request";
import {
  endPackage,
  type HeldPackage,
  listPending,
  type Machine,
  newestVersion,
  readMachine,
  readPackage,
  readReceipt,
  readSync,
  StateError,
  type SyncRecord,
  storePackage,
  tidy,
  writeSync,
} from "./state";
import { agentVersion } from "./version";

/** What a sync came to. */
export type SyncResult =
  | { readonly ok: true; readonly syncSeconds: number }
  | {
      readonly ok: false;
      /** `unreachable`, the server's own word, why the package was refused, or `receipts_differ`. */
      readonly reason: string;
      readonly message: string;
      readonly retryAfterSeconds: number | null;
    };

/**
 * Hands in the receipts, takes the newest package, and tells the server when that is on the disk.
 *
 * A package that is refused (see `acceptPackage`) leaves the old one in its place. Receipts leave this machine only when the
 * server says that it has that very chain. Where it says that this machine has ended, released or revoked, the package opens
 * nothing any more, and the server is told so. What comes of it is in `status` too.
 *
 * @param signal Ends it early.
 * @throws StateError when this machine isn't enrolled, and what the disk says.
 * @see offline, "Package", "Receipts"
 */
export async function sync(folder: string, signal?: AbortSignal): Promise<SyncResult> {
  const machine = readMachine(folder);
  try {
    for (let record = readSync(folder); ; ) {
      const done = await syncOnce(folder, machine, record, signal);
      const isMoving = done.acknowledged > record.acknowledged;
      if (!isMoving || listPending(folder, done.acknowledged).length === 0)
        return { ok: true, syncSeconds: done.syncSeconds };
      record = done;
    }
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.reason === "ended") {
      endPackage(folder);
      await tellWithdrawn(machine, signal);
    }
    writeSync(folder, { ...readSync(folder), lastSyncError: `${error.reason}: ${error.message}` });
    const { reason, message, retryAfterSeconds } = error;
    return { ok: false, reason, message, retryAfterSeconds };
  }
}

/**
 * Tells the server of a machine that has ended that its package is withdrawn. Where the server can't be told, the next sync does.
 * @throws nothing of the server's.
 */
export async function tellWithdrawn(machine: Machine, signal?: AbortSignal): Promise<void> {
  try {
    await ask(machine.server, "/agent/v1/withdrawn", { method: "POST", machine, signal });
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
  }
}

async function syncOnce(
  folder: string,
  machine: Machine,
  before: SyncRecord,
  signal: AbortSignal | undefined,
): Promise<SyncRecord> {
  const held = findPackage(folder, machine);
  const pinned = held?.pinned ?? [machine.signingKey];
  const pending = listPending(folder, before.acknowledged).slice(0, receiptsPerSyncMax);
  const post = (path: string, body: object) =>
    ask(machine.server, path, { method: "POST", body, machine, signal });
  const answer = await post("/agent/v1/sync", {
    agentVersion,
    holds: held === undefined ? null : toPair(held.version),
    pinned: toKeyId(pinned.at(-1) ?? ""),
    receipts: pending.map((seq) => readReceipt(folder, seq)).filter((jws) => jws !== undefined),
  });
  const parsed = syncAnswerSchema.safeParse(answer);
  if (!parsed.success) throw new ServerError("answer_malformed", "The server's answer is malformed");
  const { syncSeconds } = parsed.data;

  const newest = newestVersion(folder);
  const { machineId } = machine;
  const accepted = acceptPackage(parsed.data.package, { machineId, pinned, newest, now: new Date() });
  if (accepted.ok) storePackage(folder, parsed.data.package, accepted.pack, accepted.pinned);
  const acknowledged = findAcknowledged(folder, before.acknowledged, parsed.data.receipts);
  if (acknowledged !== undefined) tidy(folder, acknowledged);
  const record = { ...before, syncSeconds, acknowledged: acknowledged ?? before.acknowledged };
  writeSync(folder, record);
  if (!accepted.ok) throw new ServerError(accepted.reason, `The package was refused: ${accepted.reason}`);
  const stored = { ...toPair(accepted.pack), pinned: toKeyId(accepted.pinned.at(-1) ?? "") };
  await post("/agent/v1/stored", stored);
  if (acknowledged === undefined)
    throw new ServerError("receipts_differ", "The server knows other receipts of this machine than it holds");
  const done = { ...record, lastSyncAt: new Date().toISOString(), lastSyncError: null };
  writeSync(folder, done);
  return done;
}

/** A damaged package is as none: the next one heals it, and can't be older, for its version is in its name. */
function findPackage(folder: string, machine: Machine): HeldPackage | undefined {
  try {
    return readPackage(folder, machine);
  } catch (error) {
    if (error instanceof StateError && error.reason === "damaged") return undefined;
    throw error;
  }
}

/** undefined where the server's chain isn't this one. */
function findAcknowledged(
  folder: string,
  before: number,
  { seq, hash }: { seq: number; hash: string },
): number | undefined {
  const receipt = readReceipt(folder, seq);
  if (receipt !== undefined) return digest(receipt) === hash ? Math.max(seq, before) : undefined;
  return seq <= before ? before : undefined;
}

function toPair({ generation, serial }: { generation: number; serial: number }) {
  return { generation, serial };
}
