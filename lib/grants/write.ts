import "server-only";
import type { EventDetails } from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import { type ForgedCode, type SlotHours, toSlotHours } from "@/lib/codes/forge";
import type { UserForAccess } from "@/lib/directory/model";
import type { CodeOfSlot, SlotKind } from "@/lib/machines/holds";
import { type TakenSlot, takeSlot } from "@/lib/machines/take-slot";
import { retireBelow } from "@/lib/machines/take-slot-store";
import type { Context } from "@/lib/platform/context";
import { Fault, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import type { Grant } from "./model";
import { notifyUser } from "./notify";
import { endChallenges, endGrant, insertCode, insertIssuedSlot, type NewGrant } from "./store";

/**
 * Ends a live grant as replaced by another. Audit `grant.replaced`.
 * @returns whether it was live until now: one that was used up at this moment ended as spent.
 */
export async function replaceGrant(
  tx: Tx,
  ctx: Context,
  user: UserForAccess,
  live: Grant,
  by: NewGrant,
): Promise<boolean> {
  await endChallenges(tx, [live.id], "grant_replaced");
  const ended = await endGrant(tx, live.id, {
    as: "replaced",
    at: by.startsAt,
    by: by.issuer.id,
    reason: null,
    replacedById: by.id,
  });
  if (!ended) return false;
  await recordEvent(tx, ctx, {
    kind: "grant.replaced",
    outcome: "ok",
    userId: user.id,
    grantId: live.id,
    userLabel: user.displayName,
    details: { method: live.method, replacedBy: by.id },
  });
  return true;
}

/** The code of a grant as it was written: what reveals it, and of a standard one its hours and slot. */
export interface WrittenCode {
  readonly code: ForgedCode;
  readonly hours: SlotHours | null;
  readonly slot: CodeOfSlot | null;
}

/**
 * Writes the code of a grant that was just written. A standard one takes a slot that was made ahead, and only where there is
 * none the one that was forged for it, with the user's next number: then every open slot below it is retired.
 * @param forged undefined: nothing was forged yet, there might be a slot.
 * @returns refusal `must_forge`: there is none, and nothing forged; the caller undoes all and comes back with it.
 */
export async function writeCode(
  tx: Tx,
  grant: NewGrant,
  forged: ForgedCode | undefined,
  machineId: string | null,
): Promise<Success<WrittenCode> | Refusal<"must_forge">> {
  const { id: grantId, userId, generation, startsAt, expiresAt } = grant;
  if (forged?.form === "short") {
    const { salt, anchor, keyId } = forged;
    await insertCode(tx, { grantId, form: "short", salt, anchor, keyId });
    return { ok: true, code: forged, hours: null, slot: null };
  }
  const kind = grant.usesMax === null ? "reusable" : "once";
  const taken = await takeSlot(tx, { userId, kind, machineId, generation, expiresAt }, startsAt);
  if (taken === undefined && forged === undefined) return refuse("must_forge");
  const hours = toSlotHours(taken?.slotEpoch ?? startsAt, expiresAt);
  const code = taken === undefined ? forged : { form: "standard" as const, ...secretOf(taken) };
  if (code === undefined) throw new Fault("a code is taken or forged");
  if (taken !== undefined) forged?.seed.fill(0);
  const { salt, anchor } = code;
  const { slotId, number } = taken ?? (await writeForged(tx, grant, kind, code, hours.slotEpoch));
  const { expiryIndex, offlineExpiresAt } = hours;
  await insertCode(tx, { grantId, form: "standard", slotId, expiryIndex, offlineExpiresAt, salt, anchor });
  return { ok: true, code, hours, slot: { slotId, number, kind, offlineExpiresAt } };
}

const secretOf = ({ salt, anchor, seed }: TakenSlot) => ({ salt, anchor, seed });

async function writeForged(
  tx: Tx,
  grant: NewGrant,
  kind: SlotKind,
  { salt, anchor }: ForgedCode,
  slotEpoch: Date,
): Promise<{ slotId: string; number: number }> {
  const { userId, generation, startsAt: issuedAt } = grant;
  const made = await insertIssuedSlot(tx, { userId, kind, generation, slotEpoch, salt, anchor, issuedAt });
  await retireBelow(tx, userId, made.number, issuedAt);
  return made;
}

/** Logs that a grant was issued, and tells the user. Audit `grant.issued`. */
export async function recordIssue(
  tx: Tx,
  ctx: Context,
  user: UserForAccess,
  grant: NewGrant,
  details: EventDetails,
): Promise<void> {
  await recordEvent(tx, ctx, {
    kind: "grant.issued",
    outcome: "ok",
    reason: grant.reason,
    userId: user.id,
    grantId: grant.id,
    userLabel: user.displayName,
    details: {
      method: grant.method,
      ticket: grant.ticket,
      policyVersion: grant.policyVersion,
      ...details,
    },
  });
  const kind = grant.reason === "stolen" ? "access_stolen_reported" : "access_issued";
  await notifyUser(tx, ctx, { userId: user.id, kind, method: grant.method });
}
