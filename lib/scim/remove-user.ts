import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { markDeleted } from "@/lib/directory/deletion-store";
import { disableUser } from "@/lib/grants/leave";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { lockPerson } from "./user-store";
import { isAmong, versionOf } from "./version";

/**
 * Takes a person away as their directory does: they are disabled, every live grant of theirs ends in the same transaction, nothing
 * leads to them any more, and their login is free. What was logged of them, and the grants they had, stay.
 *
 * @param input.ifMatch as in `changeUser`.
 * Refuses `not_found` (nobody, somebody of another source, or taken away before); `changed_meanwhile`.
 * @throws {Denied} without `directory:sync`.
 * @see audit `user.deleted`, `user.disabled`, `grant.revoked`; RFC 7644, 3.6
 */
export async function removeUser(
  ctx: Context,
  { id, ifMatch }: { id: string; ifMatch: string | undefined },
): Promise<Success | Refusal<"not_found" | "changed_meanwhile">> {
  await requirePermission(ctx, "directory:sync", { userId: id });
  return inTransaction(async (tx) => {
    const person = await lockPerson(tx, id);
    if (person === undefined) return refuse("not_found");
    if (ifMatch !== undefined && !isAmong(ifMatch, versionOf(person))) return refuse("changed_meanwhile");
    const { grantsEnded } = await disableUser(tx, ctx, {
      userId: id,
      because: "removed",
      userLabel: person.displayName,
    });
    await markDeleted(tx, id, ctx.actor.kind === "client" ? ctx.actor.name : ctx.actor.kind);
    await recordEvent(tx, ctx, {
      kind: "user.deleted",
      outcome: "ok",
      userId: id,
      userLabel: person.displayName,
      details: { grantsEnded },
    });
    return { ok: true };
  });
}
