import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { hashAnchor } from "@/lib/codes/anchor";
import { equalAnchors } from "@/lib/codes/chain";
import { inHashQueue } from "@/lib/codes/hash-queue";
import { notifyUser } from "@/lib/grants/notify";
import { getIssueState } from "@/lib/grants/store";
import { judgeFuture, raiseAlarm, stopIssuing } from "@/lib/machines/alarm";
import { isLater } from "@/lib/machines/model";
import { requireMachine } from "@/lib/machines/require-machine";
import { receiptsPerSyncMax } from "@/lib/machines/wire";
import type { Context } from "@/lib/platform/context";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { checkPlace, checkTime, type SignedReceipt, type TakenReceipt } from "./chain-of-receipts";
import { hashReceipt, readReceipt, toPublicKey } from "./read-receipt";
import {
  countTaken,
  insertReceipt,
  listKnownUsers,
  listNamedSlots,
  listTaken,
  lockMachine,
  type NamedSlot,
  type ReceiptMachine,
  readMachine,
  updateHead,
} from "./receipt-store";
import { type Finding, takeUse } from "./take-use";

/** The last receipt that is in our hands. */
export interface ReceiptHead {
  /** 0: none. */
  readonly seq: number;
  /** SHA-256 of it as signed; of nothing, where there is none. */
  readonly hash: Uint8Array;
}

const firstHash = hashReceipt("");

/** The highest number that a receipt can have. */
const seqMax = 2 ** 31 - 1;

/**
 * How many uses of one code are taken in a request: each is an event of its own and tells the user, and a code that may be used again
 * gives any number of them. What lies behind is handed in with the next request.
 */
const usesPerRequestMax = 20;

/** How many receipts of one number are kept: a machine can sign any number of forks, and each is read when its neighbours are judged. */
const branchesMax = 50;

/**
 * Takes what a machine answered without us into the books, in one transaction: all that was handed in is taken, or nothing, and
 * what was taken before is passed over; so a machine that never hears the answer hands it in again.
 *
 * Each receipt must be signed by the machine's key; its place in the chain, its time and the package that it names are judged,
 * and a yes by its proof: `x_0` must meet the anchor of the slot. A yes that holds spends the code online (`takeUse`). Answers
 * of no become one event for each user of the request, with how many there were of each, so that 10,000 guesses are 50 events.
 * Receipts in any order are taken in theirs.
 *
 * What is not as it can be is raised to the security admins, one alarm of a kind for a request and grant: `gap`, `fork`,
 * `impossible_time`, `false_proof` (nothing is spent; a slot that we may have forgotten is none), `used_twice`, `from_the_future` (which stops issuing), `bad_receipt` (not
 * signed by this machine, or no receipt: it is not kept; or a use by a slot that stood in none of its packages). Of a number that 50 receipts have no other is kept, which is a `fork` too.
 *
 * Of a machine that ended meanwhile nothing is taken. In a day 20,000 are taken of one machine, and 20 uses of one code in a
 * request: it keeps what lies behind and hands it in later; the former raises `flood`.
 *
 * @param receipts compact JWS, at most `receiptsPerSyncMax`.
 * @returns the head of the chain: the machine may drop what is up to it. What lies behind a proof that doesn't hold, or behind a yes
 *   that was not judged because too many wait for Argon2id, is not taken and is handed in again.
 * @throws {RangeError} on more receipts. @throws {Denied} where no machine asks.
 * @see audit `receipt.taken`, `grant.redeemed`, `grant.used-late`, `machine.assigned`, `machine.alarm-raised`; offline, "Receipts"
 */
export async function takeReceipts(ctx: Context, receipts: readonly string[]): Promise<ReceiptHead> {
  const machine = await requireMachine(ctx);
  if (receipts.length > receiptsPerSyncMax) throw new RangeError("too many receipts");
  const known = await inStatement((tx) => readMachine(tx, machine.id));
  if (receipts.length === 0) return toHead(known);
  if (known.left === 0 && !known.hasEnded)
    return inTransaction((tx) => refuseMore(tx, ctx, machine.id, known));
  const key = toPublicKey(known.publicKey);
  const read = await Promise.all(receipts.map((jws) => readReceipt(jws, key, machine.id)));
  const signed = [
    ...new Map(read.flatMap((each) => (each === undefined ? [] : [[each.hash, each]]))).values(),
  ];
  signed.sort((a, b) => a.seq - b.seq);
  const judged = await judgeProofs(machine.id, signed);
  return inTransaction((tx) => {
    return take(tx, ctx, machine.id, judged, read.filter((each) => each === undefined).length);
  });
}

/** A receipt, and of a yes whether its proof meets the anchor of the slot that it names. */
interface JudgedReceipt {
  readonly receipt: SignedReceipt;
  readonly holds: boolean;
}

/**
 * Judges the proofs of those that weren't taken yet, one by one, until too many wait before us, or one doesn't hold: who lies
 * costs one Argon2id a request, and an honest machine never does.
 */
async function judgeProofs(machineId: string, signed: readonly SignedReceipt[]): Promise<JudgedReceipt[]> {
  const yes = signed.filter(({ outcome }) => outcome === "yes");
  const slotIds = yes.flatMap(({ slotId }) => slotId ?? []);
  const [slots, before] = await inStatement(async (tx) => [
    await listNamedSlots(tx, machineId, slotIds),
    new Set(
      (
        await listTaken(
          tx,
          machineId,
          yes.map(({ seq }) => seq),
        )
      ).map(({ hash }) => hash),
    ),
  ]);
  const verdicts = new Map<string, boolean>();
  const uses = new Map<string, number>();
  const judged: JudgedReceipt[] = [];
  for (const receipt of signed) {
    const { outcome, slotId, userId, proof, hash } = receipt;
    const slot = slotId === null ? undefined : slots.get(slotId);
    if (outcome !== "yes" || before.has(hash) || proof === null || slot?.userId !== userId) {
      judged.push({ receipt, holds: false });
      continue;
    }
    const used = (uses.get(slot.id) ?? 0) + 1;
    if (used > usesPerRequestMax) break;
    uses.set(slot.id, used);
    const name = `${slotId} ${proof}`;
    const holds = verdicts.get(name) ?? (await meets(proof, slot));
    if (holds === undefined) break;
    verdicts.set(name, holds);
    judged.push({ receipt, holds });
    if (!holds) break;
  }
  return judged;
}

async function meets(proof: string, slot: NamedSlot): Promise<boolean | undefined> {
  const x0 = Uint8Array.from(Buffer.from(proof, "base64url"));
  if (x0.length !== 9 || (x0[0] ?? 2) > 1) return false;
  const hashed = await inHashQueue(() => hashAnchor(x0, slot.salt));
  return hashed.ok ? equalAnchors(hashed.value, slot.anchor) : undefined;
}

async function take(
  tx: Tx,
  ctx: Context,
  machineId: string,
  judged: readonly JudgedReceipt[],
  unsigned: number,
): Promise<ReceiptHead> {
  const machine = await lockMachine(tx, machineId);
  if (machine.hasEnded) return toHead(machine);
  const { now, generation } = await getIssueState(tx);
  const receipts = judged.map(({ receipt }) => receipt);
  const taken = await listTaken(tx, machineId, [
    ...new Set(receipts.flatMap(({ seq }) => [seq - 1, seq, Math.min(seq + 1, seqMax)])),
  ]);
  const users = await listKnownUsers(tx, [...new Set(receipts.flatMap(({ userId }) => userId ?? []))]);
  const slotIds = [...new Set(receipts.flatMap(({ slotId }) => slotId ?? []))];
  const slots = await listNamedSlots(tx, machineId, slotIds);
  const findings: Finding[] =
    unsigned === 0 ? [] : [{ kind: "bad_receipt", details: { because: "not_signed" } }];
  const noes: SignedReceipt[] = [];
  let head = { seq: machine.seq, hash: machine.hash && Buffer.from(machine.hash).toString("base64url") };
  let count = 0;

  for (const { receipt, holds } of judged) {
    if (taken.some(({ hash }) => hash === receipt.hash)) continue;
    if (taken.filter(({ seq }) => seq === receipt.seq).length >= branchesMax) {
      findings.push({ kind: "fork", details: { because: "too_many_branches", seq: receipt.seq } });
      continue;
    }
    if (count === machine.left) {
      findings.push(flood);
      break;
    }
    count += 1;
    findings.push(...checkChain(receipt, { head: head.seq, floor: machine.floor }, taken, now));
    const { generation: namedGeneration, serial } = receipt;
    const named = { generation: namedGeneration, serial };
    const isFuture = isLater(named, machine.made);
    if (isFuture) await judgeFuture(tx, ctx, machineId, named, machine.made, generation);
    const slot = receipt.slotId === null ? undefined : slots.get(receipt.slotId);
    const userLabel = users.get(receipt.userId ?? "") ?? null;
    if (receipt.outcome !== "yes") {
      noes.push(receipt);
    } else if (holds && slot !== undefined) {
      const use = {
        machine: { id: machineId, name: machine.name },
        receipt,
        slot,
        userLabel,
        isForeign: !slot.wasHeld && !isFuture,
        now,
        generation,
      };
      findings.push(...(await takeUse(tx, ctx, use)));
    } else if (slot !== undefined || !isFuture) {
      const details = { seq: receipt.seq, slotIsKnown: slot !== undefined };
      findings.push({ kind: "false_proof", details });
    }
    await insertReceipt(tx, machineId, receipt, {
      userId: userLabel === null ? null : receipt.userId,
      slotId: slot?.id ?? null,
      grantId: slot !== undefined && holds ? slot.grantId : null,
    });
    taken.push({ ...receipt, at: new Date(receipt.at) });
    if (receipt.seq > head.seq) head = { seq: receipt.seq, hash: receipt.hash };
  }

  await recordNoes(tx, ctx, { id: machineId, name: machine.name }, noes, users);
  await raise(tx, ctx, machineId, findings);
  if (count > 0) await countTaken(tx, machineId, count);
  if (head.seq > machine.seq && head.hash !== null) await updateHead(tx, machineId, head.seq, head.hash);
  return toHead({ seq: head.seq, hash: head.hash === null ? null : Buffer.from(head.hash, "base64url") });
}

function checkChain(
  receipt: SignedReceipt,
  { head, floor }: { head: number; floor: number },
  taken: readonly TakenReceipt[],
  now: Date,
): Finding[] {
  const before = taken.find(({ seq, hash }) => seq === receipt.seq - 1 && hash === receipt.previous);
  const neighbours = taken.filter(({ seq }) => Math.abs(seq - receipt.seq) <= 1);
  return [checkPlace(receipt, head, floor, neighbours, firstHash), checkTime(receipt, before, now)].flatMap(
    (alarm) =>
      alarm === undefined
        ? []
        : { kind: alarm.kind, details: { because: alarm.because, seq: receipt.seq, at: receipt.at } },
  );
}

const flood: Finding = { kind: "flood", details: { because: "a_day_is_full" } };

async function refuseMore(
  tx: Tx,
  ctx: Context,
  machineId: string,
  known: ReceiptMachine,
): Promise<ReceiptHead> {
  await raise(tx, ctx, machineId, [flood]);
  return toHead(known);
}

/** Logs the answers of no, one event for each user, and tells who was guessed at. */
async function recordNoes(
  tx: Tx,
  ctx: Context,
  machine: { id: string; name: string },
  noes: readonly SignedReceipt[],
  users: ReadonlyMap<string, string>,
): Promise<void> {
  const byUser = groupBy(noes, ({ userId }) => (userId !== null && users.has(userId) ? userId : null));
  const { backOffFrom } = (await getPolicy(tx)).policy.tries;
  for (const [userId, receipts] of byUser) {
    const counts: Record<string, number> = {};
    for (const { outcome } of receipts) counts[outcome] = (counts[outcome] ?? 0) + 1;
    const wrong = counts.wrong ?? 0;
    await recordEvent(tx, ctx, {
      kind: "receipt.taken",
      outcome: "refused",
      reason: wrong > 0 ? "wrong" : (receipts[0]?.outcome ?? "wrong"),
      userId,
      userLabel: userId === null ? null : (users.get(userId) ?? null),
      target: { kind: "machine", id: machine.id },
      details: {
        machine: machine.name,
        from: receipts[0]?.at ?? null,
        to: receipts.at(-1)?.at ?? null,
        ...counts,
      },
    });
    if (userId !== null && wrong >= backOffFrom)
      await notifyUser(tx, ctx, { userId, kind: "failures_burst", method: "access_code" });
  }
}

/** Raises what was found: of a kind and grant one alarm, with how often. */
async function raise(tx: Tx, ctx: Context, machineId: string, findings: readonly Finding[]): Promise<void> {
  const groups = groupBy(findings, ({ kind, grantId }) => `${kind} ${grantId ?? ""}`);
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { kind, grantId, goesOn } = first;
    const details = others.length === 0 ? first.details : { ...first.details, times: others.length + 1 };
    await raiseAlarm(tx, ctx, { machineId, kind, details, ...(grantId === undefined ? {} : { grantId }) });
    if (kind === "from_the_future" && goesOn !== true) await stopIssuing(tx, ctx, kind, machineId);
  }
}

function groupBy<T, Key>(items: readonly T[], keyOf: (item: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function toHead({ seq, hash }: Pick<ReceiptMachine, "seq" | "hash">): ReceiptHead {
  return { seq, hash: hash ?? Uint8Array.from(Buffer.from(firstHash, "base64url")) };
}
