import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { lockImports, takeOverFiles } from "./import-store";

/**
 * Makes everybody who came from a file the directory's to keep; files change them no more. By SCIM its clients see them from then on.
 * By LDAP its next sync finds them by their logins, and disables whom it doesn't find.
 * @param to how the directory keeps them.
 * @returns how many they were.
 * @throws {Denied} without `server:manage`.
 * @see audit `directory.handed-over`
 */
export async function handOver(ctx: Context, to: "scim" | "ldap"): Promise<{ people: number }> {
  await requirePermission(ctx, "server:manage");
  return inTransaction(async (tx) => {
    await lockImports(tx);
    const people = await takeOverFiles(tx, to);
    const details = { people, source: to };
    await recordEvent(tx, ctx, { kind: "directory.handed-over", outcome: "ok", details });
    return { people };
  });
}
