import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { AlarmDetails, AlarmKind } from "@/lib/machines/alarm-store";
import type { Context } from "@/lib/platform/context";
import { Fault } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { SignedReceipt } from "./chain-of-receipts";
import { closeOnMachine, insertSignedIn, type NamedSlot, retireSlot } from "./receipt-store";
import { type LateUse, noteLateUse, spendOffline } from "./use-store";

/** What is to be raised about a machine. */
export interface Finding {
  readonly kind: AlarmKind;
  readonly details: AlarmDetails;
  readonly grantId?: string;
  /** Of `from_the_future`: the generation that is in question has begun anew, so issuing goes on. */
  readonly goesOn?: boolean;
}

/** A yes whose proof holds: the machine did see the code. */
export interface HonestUse {
  readonly machine: { readonly id: string; readonly name: string };
  readonly receipt: SignedReceipt;
  readonly slot: NamedSlot;
  readonly userLabel: string | null;
  /** The slot never stood in a package of this machine: whoever made it say so has the code from elsewhere. */
  readonly isForeign: boolean;
  readonly now: Date;
  /** The server's generation. */
  readonly generation: number;
}

/**
 * Takes a use without a network into the books: the grant's use is spent online too, or, where the grant ended before we
 * heard of it, noted. The user is told of either, and is assigned to the machine, and what the machine closed by it is known to be
 * closed there.
 *
 * A slot that never stood in a package of the machine is none that it can have judged by: its code is spent, for it is known where it
 * should not be, and that is raised; but nobody is assigned by it, or a stolen code would bring its thief the user's slots to come.
 *
 * @returns what is to be raised: a use by a slot that the machine never held, a second use of a code that opens once, a use that the
 *   machine's own package should have refused, a use after the code's offline hour, a use of a code that we never issued.
 * @see audit `machine.assigned`, `grant.redeemed`, `grant.used-late`; offline, "Receipts"
 */
export async function takeUse(tx: Tx, ctx: Context, use: HonestUse): Promise<Finding[]> {
  const { machine, receipt, slot, userLabel, isForeign, now } = use;
  const at = new Date(receipt.at);
  if (slot.wasHeld && (await insertSignedIn(tx, machine.id, slot.userId))) {
    await recordEvent(tx, ctx, {
      kind: "machine.assigned",
      outcome: "ok",
      userId: slot.userId,
      userLabel,
      target: { kind: "machine", id: machine.id },
      details: { source: "signin" },
    });
  }
  await closeOnMachine(tx, machine.id, slot);
  if (slot.grantId === null) {
    await retireSlot(tx, slot.id);
    const details = { because: "use_of_unissued_code", seq: receipt.seq, slot: slot.number };
    return [{ kind: "from_the_future", details, goesOn: slot.generation < use.generation }];
  }
  const { grantId } = slot;
  const about = {
    outcome: "ok" as const,
    userId: slot.userId,
    userLabel,
    grantId,
    target: { kind: "machine", id: machine.id },
  };
  const times = { machine: machine.name, usedAt: receipt.at, receivedAt: now.toISOString() };
  const findings: Finding[] = isForeign
    ? [
        {
          kind: "bad_receipt",
          grantId,
          details: { because: "not_in_its_packages", seq: receipt.seq, grantId },
        },
      ]
    : [];
  if (slot.offlineExpiresAt !== null && at >= slot.offlineExpiresAt)
    findings.push({
      kind: "impossible_time",
      grantId,
      details: { because: "after_its_hour", seq: receipt.seq, grantId },
    });
  const spent = await spendOffline(tx, grantId, at, ctx.requestId);
  if (spent !== undefined) {
    await recordEvent(tx, ctx, {
      ...about,
      kind: "grant.redeemed",
      details: {
        method: "access_code",
        form: "standard",
        offline: true,
        usesCount: spent.uses_count,
        ...(isForeign ? { neverHeld: true } : {}),
        ...times,
      },
    });
    return findings;
  }
  const late = await noteLateUse(tx, grantId, at, ctx.requestId);
  if (late === undefined) throw new Fault("a grant is neither live nor ended");
  const details = {
    method: "access_code",
    offline: true,
    endedAs: late.endedAs,
    ...(isForeign ? { neverHeld: true } : {}),
    ...times,
  };
  await recordEvent(tx, ctx, { ...about, kind: "grant.used-late", reason: late.endedAs, details });
  const twice = judgeLate(receipt, slot, late);
  return twice === undefined ? findings : [...findings, twice];
}

/** What a use after the end says of the machine; undefined: it knew no better. */
function judgeLate(receipt: SignedReceipt, slot: NamedSlot, late: LateUse): Finding | undefined {
  const { grantId } = slot;
  if (grantId === null) return undefined;
  const details = { seq: receipt.seq, grantId };
  if (slot.kind === "once" && late.first !== null)
    return { kind: "used_twice", grantId, details: { ...details, firstOn: late.first.name } };
  const couldKnow = receipt.serial >= late.endedAt.getTime();
  if (!couldKnow || late.endedAs === "expired") return undefined;
  return late.endedAs === "spent"
    ? { kind: "used_twice", grantId, details: { ...details, because: "knew_better" } }
    : { kind: "bad_receipt", grantId, details: { ...details, because: "knew_better" } };
}
