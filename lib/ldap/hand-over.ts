import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { lockImports, takeOverFiles } from "@/lib/directory/import-store";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";

/**
 * Makes everybody who came from a file the directory's to keep: its next sync finds them by their logins, and disables whom it
 * doesn't find. Files change them no more.
 * @returns how many they were.
 * @throws {Denied} without `server:manage`.
 * @see audit `directory.handed-over`
 */
export async function handOverToLdap(ctx: Context): Promise<{ people: number }> {
  await requirePermission(ctx, "server:manage");
  return inTransaction(async (tx) => {
    await lockImports(tx);
    const people = await takeOverFiles(tx, "ldap");
    const details = { people, source: "ldap" };
    await recordEvent(tx, ctx, { kind: "directory.handed-over", outcome: "ok", details });
    return { people };
  });
}
