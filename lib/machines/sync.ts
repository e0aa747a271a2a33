import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { type Policy, windowSecondsLimit } from "@/lib/policy/model";
import { getPolicy } from "@/lib/policy/store";
import { judgeFuture } from "./alarm";
import { enqueueSlots } from "./keep-slots";
import { type SigningKeyRow, selectKeys } from "./key-store";
import { findLacks, makeSlots } from "./make-slots";
import { decideSlots, earliestEpoch, type Machine, nextSerial, packageEnd } from "./model";
import {
  insertPackage,
  listContents,
  lockMachine,
  markStored,
  type PackagedMachine,
  updatePinned,
} from "./package-store";
import { requireMachine } from "./require-machine";
import { findNext, signDocument } from "./signing-key";
import { getServerState } from "./slot-store";
import type { Package, storedRequestSchema, syncRequestSchema } from "./wire";

type SyncRequest = Pick<z.output<typeof syncRequestSchema>, "agentVersion" | "holds" | "pinned">;

/** Why no package is made: the key that the machine pins has ended, or never was; or the machine ended just now. */
export type SyncRefusal = Refusal<"key_ended" | "ended">;

/** The package of a machine, and when it should ask again. */
export type SyncResult = Success<{ package: string; syncSeconds: number }> | SyncRefusal;

/** For so many users a sync makes missing slots itself, and waits for so long; the rest is a job's. */
const slotsAtOnce = { users: 4, milliseconds: 1_500 } as const;

/** How soon a machine whose users lack slots is to ask again. */
const soonSeconds = 60;

/**
 * Makes the next package for the machine that asks, of what is known of its users now.
 *
 * Generation and serial only rise, by a lock on the machine's row. What the package leaves open is remembered until the machine
 * says that it stores a later one. It is signed by the key that the machine says it pins, and tells of the next one. A
 * machine that holds a package later than any we made raises an alarm and stops issuing; it is answered all the same, so
 * that it comes back to our time. Missing slots are made first where few lack them, outside the transaction.
 *
 * @param input.holds the package that is stored there; counts as said so.
 * @returns The package, and when to ask again in seconds. Refuses `key_ended` (it must be
 *   enrolled anew) and `ended`.
 * @throws {Denied} where no machine asks.
 * @see audit `machine.alarm-raised`, `machine.refused`; a sync that goes well is no event: the machine's row says when it was.
 * @see offline, "Package"; access-code, "The chain", "After a restore from backup"
 */
export async function syncMachine(ctx: Context, input: SyncRequest): Promise<SyncResult> {
  const machine = await requireMachine(ctx);
  const isLacking = await makeFew(machine);
  const made = await inTransaction((tx) => write(tx, ctx, machine, input, isLacking));
  if (!made.ok) return made;
  const { document, key, policy } = made;
  return {
    ok: true,
    package: await signDocument(key, "sparekey-package", document),
    syncSeconds: isLacking ? Math.min(soonSeconds, policy.offline.syncSeconds) : policy.offline.syncSeconds,
  };
}

/**
 * Notes that a machine has stored a package, and which key it pins from now on.
 * Refuses as `syncMachine`. A package later than any we made raises the same alarm.
 * @throws {Denied} where no machine says so.
 * @see offline, "Receipts and what a revocation reaches"
 */
export async function noteStored(
  ctx: Context,
  input: z.output<typeof storedRequestSchema>,
): Promise<Success | SyncRefusal> {
  const machine = await requireMachine(ctx);
  return inTransaction(async (tx) => {
    const before = await begin(tx, ctx, machine, input.pinned, input);
    return before.ok ? { ok: true } : before;
  });
}

type Begun = Success<{
  row: PackagedMachine;
  key: SigningKeyRow;
  keys: SigningKeyRow[];
  generation: number;
  now: Date;
}>;

/** Takes in what a machine says of itself. */
async function begin(
  tx: Tx,
  ctx: Context,
  machine: Machine,
  pinned: string,
  holds: { generation: number; serial: number } | null,
): Promise<Begun | SyncRefusal> {
  const row = await lockMachine(tx, machine.id);
  if (row === undefined) return refuse("ended");
  const { generation, now } = await getServerState(tx);
  if (holds !== null && !(await judgeFuture(tx, ctx, machine.id, holds, row, generation)))
    await markStored(tx, machine.id, holds);
  const keys = await selectKeys(tx);
  const key = keys.find(({ id, endedAt }) => id === pinned && endedAt === null);
  if (key === undefined) {
    const event = { kind: "machine.refused", target: { kind: "machine", id: machine.id } } as const;
    return recordRefusal(tx, ctx, event, refuse("key_ended"));
  }
  if (row.pinnedKeyId !== key.id) await updatePinned(tx, machine.id, key.id);
  return { ok: true, row, key, keys, generation, now };
}

async function write(tx: Tx, ctx: Context, machine: Machine, input: SyncRequest, isLacking: boolean) {
  const begun = await begin(tx, ctx, machine, input.pinned, input.holds);
  if (!begun.ok) return begun;
  const { row, key, keys, generation, now } = begun;
  const { policy } = await getPolicy(tx);
  const document = await buildPackage(tx, { machine, row, generation, now, policy });
  const next = findNext(keys, key);
  if (next !== undefined) document.nextSigningKey = Buffer.from(next.publicKey).toString("base64url");
  const openSlotIds = document.users.flatMap(({ slots }) =>
    slots.filter(({ state }) => state === "open").map(({ slotId }) => slotId),
  );
  await insertPackage(
    tx,
    {
      machineId: machine.id,
      generation,
      serial: document.serial,
      issuedAt: now,
      notAfter: new Date(document.notAfter),
      openSlotIds,
    },
    input.agentVersion,
  );
  if (isLacking) await enqueueSlots(tx, ctx, { machineId: machine.id });
  return { ok: true as const, document, key, policy };
}

async function buildPackage(
  tx: Tx,
  about: { machine: Machine; row: PackagedMachine; generation: number; now: Date; policy: Policy },
): Promise<Package> {
  const { machine, row, generation, now, policy } = about;
  const notAfter = packageEnd(policy, now);
  return {
    machineId: machine.id,
    generation,
    serial: nextSerial(row.serial, now),
    issuedAt: now.toISOString(),
    notAfter: notAfter.toISOString(),
    serverTime: now.toISOString(),
    codeSecondsMax: windowSecondsLimit,
    users: await listContents(tx, {
      machineId: machine.id,
      generation,
      wanted: decideSlots(policy),
      earliestEpoch: earliestEpoch(notAfter),
    }),
  };
}

/** Makes missing slots where that is short. @returns whether some are missing still. */
async function makeFew(machine: Machine): Promise<boolean> {
  const lacks = await findLacks({ ahead: false, machineId: machine.id, limit: slotsAtOnce.users + 1 });
  if (lacks.length === 0) return false;
  const few = lacks.slice(0, slotsAtOnce.users);
  const making = Promise.all(few.map((lack) => makeSlots(lack, false)))
    .then(() => lacks.length > few.length)
    .catch((error: unknown) => {
      getLog().error({ err: error }, "slots could not be made");
      return true;
    });
  return Promise.race([making, sleep(slotsAtOnce.milliseconds, true, { ref: false })]);
}
