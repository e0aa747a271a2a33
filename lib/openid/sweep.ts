import "server-only";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { deleteOldEntries } from "./entry-store";
import { deleteOldSignIns } from "./sign-in-store";
import { sweepOpenidKeys } from "./signing-keys";

const batch = 1000;

/** How long a sign-in is kept once it is over; the audit log keeps it for good. */
const keptSeconds = 24 * 3600;

/**
 * Forgets requests, codes and tokens whose time is over, sign-ins that were over a day ago, and the signing keys that nobody needs.
 * @see audit `openid.key-ended`
 */
export async function sweepOpenid(ctx: Context): Promise<void> {
  await requirePermission(ctx, "system:work");
  while ((await inTransaction((tx) => deleteOldEntries(tx, batch))) === batch);
  while ((await inTransaction((tx) => deleteOldSignIns(tx, keptSeconds, batch))) === batch);
  await inTransaction((tx) => sweepOpenidKeys(tx, ctx));
}
