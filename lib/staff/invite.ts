import "server-only";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import type { Context, Role } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import type { inviteInput } from "./input";
import { type Link, makeLink } from "./link";

import { refuseRecorded, refuseStale } from "./refusal";
import { requirePermission } from "./require-permission";
import { insertStaff } from "./store";

/** Invited: who, and the link that they begin with. */
export type InviteResult =
  | Success<{ staffId: string; link: Link }>
  | Refusal<"step_up_needed" | "email_taken">;

/**
 * Makes a staff member who begins by a one-time link, good for 3 days, which whoever invites hands over.
 * Refusals: `step_up_needed`, `email_taken`. Throws Denied without `staff:manage`. Audit: `staff.created`.
 */
export async function inviteStaff(ctx: Context, input: z.output<typeof inviteInput>): Promise<InviteResult> {
  await requirePermission(ctx, "staff:manage");
  const stale = await refuseStale(ctx, "staff.created");
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    const { email, name, role, userDirectoryId } = input;
    const row = { email, emailKey: toEmailKey(email), name, role, userDirectoryId };
    const staffId = await insertStaff(tx, row);
    if (staffId === undefined) return refuseRecorded(tx, ctx, "staff.created", "email_taken");
    await recordEvent(tx, ctx, {
      kind: "staff.created",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { role, by: "invite" },
    });
    return { ok: true, staffId, link: await makeLink(tx, "invite", staffId) };
  });
}

/** Makes an owner, for the operator's shell; as `inviteStaff`, whether there is staff already or not. */
export async function createOwner(
  ctx: Context,
  input: { email: string; name: string },
): Promise<InviteResult> {
  await requirePermission(ctx, "staff:manage");
  const role: Role = "owner";
  return inviteStaff(ctx, { ...input, role, userDirectoryId: null });
}
