import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import { SESSION_IDLE_SECONDS_MAX } from "./model";
import { requirePermission } from "./require-permission";
import { listLiveSessions, type SessionRow } from "./session-store";
import { findStaffIdByEmail, listStaffRows, type StaffListRow } from "./store";

/** Lists all staff by name, with how they sign in and how many live sessions they have. Throws Denied without `staff:read`. */
export async function listStaff(ctx: Context): Promise<StaffListRow[]> {
  await requirePermission(ctx, "staff:read");
  return inStatement((tx) => listStaffRows(tx, SESSION_IDLE_SECONDS_MAX));
}

/** Lists the live sessions of a staff member, the last used first. Throws Denied without `staff:manage`. */
export async function listStaffSessions(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<SessionRow[]> {
  await requirePermission(ctx, "staff:manage");
  return inStatement((tx) => listLiveSessions(tx, staffId, SESSION_IDLE_SECONDS_MAX));
}

/** Finds a staff member's id by e-mail, for the operator's shell. Refusals: `not_found`. Throws Denied without `staff:manage`. */
export async function findStaffByEmail(
  ctx: Context,
  { email }: { email: string },
): Promise<Success<{ staffId: string }> | Refusal<"not_found">> {
  await requirePermission(ctx, "staff:manage");
  const staffId = await inStatement((tx) => findStaffIdByEmail(tx, toEmailKey(email)));
  return staffId === undefined ? refuse("not_found") : { ok: true, staffId };
}

/** Reads one staff member as the list shows them. Refusals: `not_found`. Throws Denied without `staff:read`. */
export async function readStaff(
  ctx: Context,
  { staffId }: { staffId: string },
): Promise<Success<{ staff: StaffListRow }> | Refusal<"not_found">> {
  await requirePermission(ctx, "staff:read");
  const [staff] = await inStatement((tx) => listStaffRows(tx, SESSION_IDLE_SECONDS_MAX, staffId));
  return staff === undefined ? refuse("not_found") : { ok: true, staff };
}
