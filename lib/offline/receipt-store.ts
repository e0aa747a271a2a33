import "server-only";
import { and, eq, inArray, sql } from "drizzle-orm";
import { accessCode, slot } from "@/db/schema/codes";
import { users } from "@/db/schema/directory";
import { machine, machineUser, packageSlot, receipt } from "@/db/schema/machines";
import { holdsKeptDays, type PackageNumber } from "@/lib/machines/model";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { SignedReceipt, TakenReceipt } from "./chain-of-receipts";

const toText = (hash: Uint8Array) => Buffer.from(hash).toString("base64url");
const toBytes = (hash: string) => Buffer.from(hash, "base64url");

/** A machine as its receipts are judged. */
export interface ReceiptMachine {
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly hasEnded: boolean;
  /** The package that was made last for it. */
  readonly made: PackageNumber;
  /** The head of its chain; 0: nothing was taken. */
  readonly seq: number;
  readonly hash: Uint8Array | null;
  /** Up to this number receipts were deleted for their age. */
  readonly floor: number;
  /** How many more are taken of it today. */
  readonly left: number;
}

/** How many receipts are taken from one machine in a day: ten thousand guesses at a screen twice over. */
const receiptsPerDayMax = 20_000;

const isToday = sql`${machine.receiptsSince} > clock_timestamp() - interval '1 day'`;

const machineColumns = {
  name: machine.name,
  publicKey: machine.publicKey,
  endedAt: machine.endedAt,
  generation: machine.generation,
  serial: machine.serial,
  seq: machine.receiptSeq,
  hash: machine.receiptHash,
  floor: machine.receiptFloor,
  left: sql<number>`greatest(0, ${receiptsPerDayMax}::int - case when ${isToday} then ${machine.receiptsCount} else 0 end)`,
};

function toMachine(row: {
  name: string;
  publicKey: Uint8Array;
  endedAt: Date | null;
  generation: number;
  serial: number;
  seq: number;
  hash: Uint8Array | null;
  floor: number;
  left: number;
}): ReceiptMachine {
  const { endedAt, generation, serial, ...rest } = row;
  return { ...rest, hasEnded: endedAt !== null, made: { generation, serial } };
}

/** Reads a machine. */
export async function readMachine(tx: Tx, machineId: string): Promise<ReceiptMachine> {
  const [row] = await tx.select(machineColumns).from(machine).where(eq(machine.id, machineId));
  if (row === undefined) throw new Fault("the machine of receipts is missing");
  return toMachine(row);
}

/** Reads a machine and holds it: its receipts are taken by one at a time. */
export async function lockMachine(tx: Tx, machineId: string): Promise<ReceiptMachine> {
  const [row] = await tx
    .select(machineColumns)
    .from(machine)
    .where(eq(machine.id, machineId))
    .for("no key update");
  if (row === undefined) throw new Fault("the machine of receipts is missing");
  return toMachine(row);
}

/** The receipts that were taken from a machine with one of these numbers. */
export async function listTaken(tx: Tx, machineId: string, seqs: readonly number[]): Promise<TakenReceipt[]> {
  const rows = await tx
    .select({
      seq: receipt.seq,
      hash: receipt.hash,
      previous: receipt.previousHash,
      at: receipt.at,
      outcome: receipt.outcome,
    })
    .from(receipt)
    .where(and(eq(receipt.machineId, machineId), inArray(receipt.seq, [...seqs])));
  return rows.map(({ hash, previous, ...row }) => ({
    ...row,
    hash: toText(hash),
    previous: toText(previous),
  }));
}

/** A slot that receipts name, with the grant whose code it became. */
export interface NamedSlot {
  readonly id: string;
  readonly userId: string;
  readonly number: number;
  readonly kind: "once" | "reusable";
  readonly generation: number;
  readonly salt: Uint8Array;
  readonly anchor: Uint8Array;
  readonly isRetired: boolean;
  /** Whether it stood open in a package made for the machine; true too where it is so old that nobody remembers. */
  readonly wasHeld: boolean;
  /** null: no code was issued from it that this server knows of. */
  readonly grantId: string | null;
  readonly offlineExpiresAt: Date | null;
}

/** Reads slots that a machine names, by their ids. */
export async function listNamedSlots(
  tx: Tx,
  machineId: string,
  slotIds: readonly string[],
): Promise<Map<string, NamedSlot>> {
  if (slotIds.length === 0) return new Map();
  const rows = await tx
    .select({
      id: slot.id,
      userId: slot.userId,
      number: slot.number,
      kind: slot.kind,
      generation: slot.generation,
      salt: slot.salt,
      anchor: slot.anchor,
      isRetired: sql<boolean>`${slot.retiredAt} is not null`,
      wasHeld: sql<boolean>`${slot.createdAt} < now() - make_interval(days => ${holdsKeptDays}::int) or exists (
        select from ${packageSlot} where ${packageSlot.machineId} = ${machineId}::uuid and ${packageSlot.slotId} = ${slot.id})`,
      grantId: accessCode.grantId,
      offlineExpiresAt: accessCode.offlineExpiresAt,
    })
    .from(slot)
    .leftJoin(accessCode, eq(accessCode.slotId, slot.id))
    .where(inArray(slot.id, [...slotIds]));
  return new Map(rows.map((row) => [row.id, row]));
}

/** Which of these users there are, with their names as staff see them. */
export async function listKnownUsers(tx: Tx, userIds: readonly string[]): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map();
  const rows = await tx
    .select({ id: users.id, name: users.displayName })
    .from(users)
    .where(inArray(users.id, [...userIds]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Keeps a receipt. */
export async function insertReceipt(
  tx: Tx,
  machineId: string,
  taken: SignedReceipt,
  about: { userId: string | null; slotId: string | null; grantId: string | null },
): Promise<void> {
  await tx.insert(receipt).values({
    machineId,
    seq: taken.seq,
    hash: toBytes(taken.hash),
    previousHash: toBytes(taken.previous),
    at: new Date(taken.at),
    outcome: taken.outcome,
    ...about,
  });
}

/** Moves the head of a machine's chain. */
export async function updateHead(tx: Tx, machineId: string, seq: number, hash: string): Promise<void> {
  await tx
    .update(machine)
    .set({ receiptSeq: seq, receiptHash: toBytes(hash) })
    .where(eq(machine.id, machineId));
}

/** Counts receipts that were taken towards the day of their machine. */
export async function countTaken(tx: Tx, machineId: string, taken: number): Promise<void> {
  await tx
    .update(machine)
    .set({
      receiptsCount: sql`case when ${isToday} then ${machine.receiptsCount} else 0 end + ${taken}::int`,
      receiptsSince: sql`case when ${isToday} then ${machine.receiptsSince} else clock_timestamp() end`,
    })
    .where(eq(machine.id, machineId));
}

/**
 * Deletes receipts that were handed in so many days ago and more, 10,000 at once; the last one of each machine stays, so that the
 * next can be judged by it, and the number up to which they are gone is kept.
 * @returns how many.
 */
export async function deleteOldReceipts(tx: Tx, days: number): Promise<number> {
  const rows = await tx.execute<{ count: number }>(sql`
    with old as (
      select r.id from receipt r join machine m on m.id = r.machine_id
      where r.received_at < now() - make_interval(days => ${days}::int) and r.seq < m.receipt_seq limit 10000
    ), gone as (
      delete from receipt r using old where r.id = old.id returning r.machine_id, r.seq
    ), floors as (
      select machine_id, max(seq) as seq, count(*)::int as count from gone group by machine_id
    )
    update machine m set receipt_floor = greatest(m.receipt_floor, f.seq) from floors f where m.id = f.machine_id returning f.count`);
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** Puts whoever signed in on a machine onto it, unless they are. @returns whether they were not. */
export async function insertSignedIn(tx: Tx, machineId: string, userId: string): Promise<boolean> {
  const rows = await tx
    .insert(machineUser)
    .values({ machineId, userId, source: "signin" })
    .onConflictDoNothing()
    .returning({ userId: machineUser.userId });
  return rows.length > 0;
}

/** Notes that a machine closed a slot and those of the user with a lower number, as its judge does on a yes. */
export async function closeOnMachine(tx: Tx, machineId: string, used: NamedSlot): Promise<void> {
  const isClosed =
    used.kind === "once"
      ? sql`${slot.number} <= ${used.number}::int`
      : sql`${slot.number} < ${used.number}::int`;
  await tx
    .update(packageSlot)
    .set({ goneAt: sql`clock_timestamp()` })
    .where(
      and(
        eq(packageSlot.machineId, machineId),
        sql`${packageSlot.goneAt} is null`,
        sql`${packageSlot.slotId} in (select ${slot.id} from ${slot} where ${slot.userId} = ${used.userId}::uuid and ${isClosed})`,
      ),
    );
}

/** Retires a slot that was used and never issued, so that it never is. */
export async function retireSlot(tx: Tx, slotId: string): Promise<void> {
  await tx
    .update(slot)
    .set({ retiredAt: sql`clock_timestamp()`, seedCipher: null, seedKeyId: null })
    .where(and(eq(slot.id, slotId), sql`${slot.issuedAt} is null and ${slot.retiredAt} is null`));
}
