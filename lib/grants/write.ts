import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { type ForgedCode, type SlotHours, toSlotHours } from "@/lib/codes/forge";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { Grant } from "./model";
import { notifyUser } from "./notify";
import { endChallenges, endGrant, insertCode, type NewGrant } from "./store";
import type { Subject } from "./subject";

/**
 * Ends a live grant as replaced by another. Audit `grant.replaced`.
 * @returns whether it was live until now: one that was used up at this moment ended as spent.
 */
export async function replaceGrant(
  tx: Tx,
  ctx: Context,
  user: Subject,
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

/** Writes the code of a grant that was just written, with its slot. @returns the hours of a standard one. */
export async function writeCode(tx: Tx, grant: NewGrant, code: ForgedCode): Promise<SlotHours | null> {
  const { salt, anchor } = code;
  if (code.form === "short") {
    await insertCode(tx, { grantId: grant.id, form: "short", salt, anchor, keyId: code.keyId });
    return null;
  }
  const hours = toSlotHours(grant.startsAt, grant.expiresAt);
  await insertCode(tx, {
    grantId: grant.id,
    form: "standard",
    salt,
    anchor,
    userId: grant.userId,
    kind: grant.usesMax === null ? "reusable" : "once",
    generation: grant.generation,
    issuedAt: grant.startsAt,
    ...hours,
  });
  return hours;
}

/** Logs that a grant was issued, and tells the user. Audit `grant.issued`. */
export async function recordIssue(
  tx: Tx,
  ctx: Context,
  user: Subject,
  grant: NewGrant,
  details: Record<string, string | number | boolean | null>,
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
