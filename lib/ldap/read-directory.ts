import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type DirectoryRow, findDirectory } from "./store";

/** The directory as staff see it: without its password, which nobody sees again. */
export type DirectoryView = Omit<
  DirectoryRow,
  "id" | "passwordCipher" | "passwordKeyId" | "cursor" | "groupsDigest" | "changedBy"
>;

/**
 * Reads how the directory is reached, and when it was read.
 * @returns undefined where there is none.
 * @throws {Denied} without `directory:read`.
 */
export async function readDirectory(ctx: Context): Promise<DirectoryView | undefined> {
  await requirePermission(ctx, "directory:read");
  const row = await inStatement(findDirectory);
  if (row === undefined) return undefined;
  const {
    id: _,
    passwordCipher: __,
    passwordKeyId: ___,
    cursor: ____,
    groupsDigest: _____,
    changedBy: ______,
    ...view
  } = row;
  return view;
}
