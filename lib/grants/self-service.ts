import "server-only";
import { randomUUID } from "node:crypto";
import { toMembership } from "@/lib/directory/membership";
import type { Context } from "@/lib/platform/context";
import { Fault, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import { getPolicy } from "@/lib/policy/store";
import { closeExpired } from "./close";
import { decideMethod, type MethodRefusal } from "./decide";
import { lockUserForAccess } from "./lock-user";
import type { Grant } from "./model";
import { findGrant, getIssueState, insertGrant, listOpenGrants } from "./store";
import { recordIssue } from "./write";

/** Why a user can't begin without the desk. */
export type SelfServiceRefusal =
  | Refusal<"not_open">
  | Refusal<"user_not_found">
  | Refusal<"issuing_stopped">
  | MethodRefusal;

/**
 * Gives the user a grant for one text or call without a call to the desk, where the policy lets a group of theirs begin at
 * `/otp`; answers the live one where there is one. A step of whoever was asked for a text or call.
 *
 * @returns The grant. Refusals: `not_open` (no group of theirs may), and those of the person and the method. Nothing of this is
 *   for the eyes of a stranger.
 * @see audit `grant.issued` by a user; product, "The three methods"
 */
export async function issueSelfService(
  tx: Tx,
  ctx: Context,
  input: { userId: string; channel: "sms" | "voice" },
): Promise<Success<{ grant: Grant }> | SelfServiceRefusal> {
  const user = await lockUserForAccess(tx, input.userId);
  if (user === undefined) return refuse("user_not_found");
  const { now, generation, issuingStoppedAt } = await getIssueState(tx);
  if (issuingStoppedAt !== null) return refuse("issuing_stopped");
  const [open] = await listOpenGrants(tx, user.id, input.channel);
  if (open !== undefined && open.expiresAt > now) return { ok: true, grant: open };
  const { version, policy } = await getPolicy(tx);
  if (!policy.selfService.groups.some(toMembership(user.groups))) return refuse("not_open");
  const refusal = decideMethod({ policy, actor: { kind: "user" }, user, now }, input.channel);
  if (refusal !== undefined) return refusal;
  if (open !== undefined) await closeExpired(tx, ctx, open);
  const made = {
    id: randomUUID(),
    userId: user.id,
    method: input.channel,
    startsAt: now,
    expiresAt: new Date(now.getTime() + policy.selfService.windowSeconds * 1000),
    usesMax: 1,
    issuer: { kind: "user", id: null, label: null },
    reason: "other",
    reasonNote: null,
    ticket: null,
    formId: null,
    policyVersion: version,
    generation,
  } as const;
  await insertGrant(tx, made);
  await recordIssue(tx, { ...ctx, actor: { kind: "user" } }, user, made, {
    windowSeconds: policy.selfService.windowSeconds,
    uses: "once",
    selfService: true,
  });
  const grant = await findGrant(tx, made.id);
  if (grant === undefined) throw new Fault("a grant that was just written is missing");
  return { ok: true, grant };
}
