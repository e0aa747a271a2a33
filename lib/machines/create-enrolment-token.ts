import "server-only";
import { randomBytes } from "node:crypto";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { findUserByName } from "@/lib/directory/store";
import { type Context, nameActor } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { findEnrolled, insertToken, type PendingToken, selectPendingTokens } from "./enrolment-store";
import type { CreateEnrolmentTokenInput } from "./input";
import { enrolmentSeconds } from "./model";
import { getSigningKey } from "./signing-key";
import { deriveTokenKey } from "./token-key";

/** What became of a wish for an enrolment token. */
export type EnrolmentTokenResult =
  | Success<{ token: string; machine: string; expiresAt: Date; signingKeyId: string }>
  | Refusal<"step_up_needed">
  | Refusal<"already_enrolled", { machineId: string }>
  | Refusal<"unknown_users", { users: string[] }>;

/**
 * Creates a token with which one machine of a name can be enrolled, once, within ten minutes.
 *
 * It holds 128 random bits and the fingerprint of our signing key, so that the agent knows ours from that of a proxy in
 * between, and stands for a key with which the machine signs its wish to enrol. Only the SHA-256 of that key's public half is
 * stored: the token is in this answer and nowhere else.
 *
 * @param input.machine 1-63 letters, digits and hyphens; case means nothing.
 * @param input.users login names, or addresses that are one user's alone: who will be on the machine.
 * @returns The token. Refuses `step_up_needed` (staff who showed their second factor too long ago), `already_enrolled` (release that
 *   machine first) and `unknown_users` with the names that lead to nobody.
 * @throws {Denied} without `machine:manage`.
 * @see audit `machine.offered`; offline, "Enrolment"
 */
export async function createEnrolmentToken(
  ctx: Context,
  input: CreateEnrolmentTokenInput,
): Promise<EnrolmentTokenResult> {
  await requirePermission(ctx, "machine:manage");
  const { machine } = input;
  const event = { kind: "machine.offered", details: { machine, users: input.users.length } } as const;
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, event, refuse("step_up_needed"));
    const enrolled = await findEnrolled(tx, machine);
    if (enrolled !== undefined)
      return recordRefusal(tx, ctx, event, refuse("already_enrolled", { machineId: enrolled.id }));
    const found = [];
    for (const name of input.users) found.push({ name, user: await findUserByName(tx, name) });
    const users = found.filter(({ user }) => user === undefined).map(({ name }) => name);
    if (users.length > 0) return recordRefusal(tx, ctx, event, refuse("unknown_users", { users }));
    const userIds = [...new Set(found.flatMap(({ user }) => user?.id ?? []))];
    const { id: signingKeyId } = await getSigningKey(tx, ctx);
    const token = `${randomBytes(16).toString("base64url")}.${signingKeyId}`;
    const { id, expiresAt } = await insertToken(tx, {
      digest: digest(deriveTokenKey(token).publicKey),
      machineName: machine,
      userIds,
      createdBy: nameActor(ctx.actor),
      seconds: enrolmentSeconds,
    });
    await recordEvent(tx, ctx, {
      kind: "machine.offered",
      outcome: "ok",
      target: { kind: "enrolment", id },
      details: { machine, users: userIds.length },
    });
    return { ok: true, token, machine, expiresAt, signingKeyId };
  });
}

/**
 * Lists the enrolment tokens that are good now, the newest first: never the tokens themselves.
 * @throws {Denied} without `machine:read`.
 */
export async function listEnrolments(ctx: Context): Promise<PendingToken[]> {
  await requirePermission(ctx, "machine:read");
  return inStatement(selectPendingTokens);
}
