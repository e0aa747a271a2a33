import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ListedClient } from "./model";
import { selectClients } from "./store";

/**
 * Lists every client that ever was, the newest first, ended ones included, each with who made it.
 * @throws {Denied} without `client:read`.
 */
export async function listClients(ctx: Context): Promise<ListedClient[]> {
  await requirePermission(ctx, "client:read");
  return inStatement(selectClients);
}
