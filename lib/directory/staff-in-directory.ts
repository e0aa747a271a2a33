import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { foldKey } from "./fold";
import { listUsersNamed } from "./store";
import { isSamePerson } from "./yourself";

/** What of a staff member tells who they are in the directory. */
interface StaffNames {
  email: string;
  userDirectoryId: string | null;
}

/** Whom a staff member is taken for in the directory, and so can't give access to. */
export interface StaffInDirectory {
  /** By id or name; empty: nobody, so nothing keeps them from helping themselves. */
  people: readonly { id: string; displayName: string }[];
  /** Whether the directory id that was given for them is nobody's. */
  isIdUnknown: boolean;
}

/**
 * Finds whom staff are in the directory, by the rule that keeps them from giving access to themselves; in the order of `staff`.
 * An id that was mistyped, or is nobody's any more, protects nothing: whoever looks after staff should see it.
 * @throws {Denied} without `staff:read` and `user:read`. Reads only: no event.
 * @see limits, "self-issue"
 */
export async function findStaffInDirectory(
  ctx: Context,
  staff: readonly StaffNames[],
): Promise<StaffInDirectory[]> {
  await requirePermission(ctx, "staff:read");
  await requirePermission(ctx, "user:read");
  const ids = staff.flatMap(({ userDirectoryId }) => userDirectoryId ?? []);
  const named = await inStatement((tx) =>
    listUsersNamed(tx, {
      directoryIds: [...ids, ...ids.map(foldKey)],
      keys: staff.map(({ email }) => foldKey(email)),
    }),
  );
  return staff.map((one) => ({
    people: named
      .filter((user) => isSamePerson(one, user))
      .map(({ id, displayName }) => ({ id, displayName })),
    isIdUnknown:
      one.userDirectoryId !== null && !named.some((user) => isSamePerson({ ...one, email: null }, user)),
  }));
}
