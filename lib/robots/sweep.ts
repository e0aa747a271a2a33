import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteOld } from "./store";

/** Deletes counts that no rate looks at any more, and used proofs whose time is over. @returns how many. */
export async function sweepRobots(ctx: Context): Promise<number> {
  await requirePermission(ctx, "system:work");
  return inTransaction(deleteOld);
}
