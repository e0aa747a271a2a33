import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Actor, Context } from "@/lib/platform/context";
import { Denied } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import type { Permission } from "./model";
import { hasPermission } from "./permission";

/**
 * Requires that the actor may do `permission`: the first line of every verb.
 * @param about whom or what it would have been done to, for the audit event of a denial.
 * @throws {Denied} after the denial is in the audit log (`access.denied`).
 */
export async function requirePermission(
  ctx: Context,
  permission: Permission,
  about: { userId?: string; grantId?: string } = {},
): Promise<void> {
  if (hasPermission(ctx.actor, permission)) return;
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "access.denied", outcome: "denied", reason: permission, ...about }),
  );
  throw new Denied(permission, "role");
}

/**
 * Requires staff who act on their own account, which needs no permission: the first line of such a verb.
 * @returns who it is.
 * @throws {Denied} for everybody else, audited as by `requirePermission`.
 */
export async function requireStaff(ctx: Context): Promise<Extract<Actor, { kind: "staff" }>> {
  if (ctx.actor.kind === "staff") return ctx.actor;
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "access.denied", outcome: "denied", reason: "own-account" }),
  );
  throw new Denied("own-account", "actor");
}
