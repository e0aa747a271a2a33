import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { lockImports, takeOverFiles } from "@/lib/directory/import-store";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";

/**
 * Makes everybody who came from a file the directory's to keep: SCIM sees them from then on, and a file changes them no more.
 * @returns how many they were.
 * @throws {Denied} without `server:manage`.
 * @see audit `directory.handed-over`
 */
export async function handOverToScim(ctx: Context): Promise<{ people: number }> {
  await requirePermission(ctx, "server:manage");
  return inTransaction(async (tx) => {
    await lockImports(tx);
    const people = await takeOverFiles(tx, "scim");
    await recordEvent(tx, ctx, {
      kind: "directory.handed-over",
      outcome: "ok",
      details: { people, source: "scim" },
    });
    return { people };
  });
}
