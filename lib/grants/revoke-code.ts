import "server-only";
import { recordRefusal } from "@/lib/audit/record";
import { findUserForAccess } from "@/lib/directory/store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { revokeGrant } from "./revoke";
import { findGrant, listOpenGrants } from "./store";

/** What became of a program's wish to revoke a user's access code. */
export type RevokeCodeResult =
  | Success<{ revoked: string[] }>
  | Refusal<"user_not_found">
  | Refusal<"code_not_found">;

/**
 * Revokes the access code of a user: a named one, or the live one. A code that ended before stays as it ended, and nothing else
 * is touched, so that a late retry never kills a newer code.
 *
 * @param input.grantId the code's grant; null: whichever is live, if any.
 * @returns the ids of the grants that this call ended. Refusals: `user_not_found`, `code_not_found` (no access code of this user).
 * @throws {Denied} without `grant:revoke`.
 * @see audit `grant.revoked`; rest, 1 "revoke"
 */
export async function revokeAccessCode(
  ctx: Context,
  input: { userId: string; grantId: string | null },
): Promise<RevokeCodeResult> {
  await requirePermission(ctx, "grant:revoke", { userId: input.userId });
  const { userId, grantId } = input;
  const event = { kind: "grant.revoked", userId, grantId } as const;
  const found = await inTransaction(async (tx) => {
    if ((await findUserForAccess(tx, userId)) === undefined)
      return recordRefusal(tx, ctx, event, refuse("user_not_found"));
    if (grantId === null) {
      const open = await listOpenGrants(tx, userId, "access_code");
      return { ok: true as const, grantIds: open.map(({ id }) => id) };
    }
    const grant = await findGrant(tx, grantId);
    return grant?.userId === userId && grant.method === "access_code"
      ? { ok: true as const, grantIds: [grantId] }
      : recordRefusal(tx, ctx, event, refuse("code_not_found"));
  });
  if (!found.ok) return found;
  const revoked: string[] = [];
  for (const id of found.grantIds) {
    const result = await revokeGrant(ctx, { grantId: id, reason: "other" });
    if (result.ok) revoked.push(id);
  }
  return { ok: true, revoked };
}
