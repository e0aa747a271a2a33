import "server-only";
import { upsertPhones } from "@/lib/directory/import-store";
import { indexUsers } from "@/lib/directory/index-users";
import { type DirectoryUser, directoryUserSchema } from "@/lib/directory/input";
import { recordPhones, toNumbers } from "@/lib/directory/record-phones";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { Person, StoredPerson } from "./person";
import { findPerson, getDirectoryId, updateManager } from "./user-store";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Brings phones and manager of a person to what the directory wants, whose other columns are written, and keeps the look-up in step. A
 * number that staff set stays; one that the directory changes isn't held, as in an import.
 * @param before as they were; undefined: they are new.
 * @returns the person as they are now.
 * @see audit `phone.changed`, with the last two digits at most
 */
export async function bringIn(
  tx: Tx,
  ctx: Context,
  { id, wanted, before }: { id: string; wanted: Person; before: StoredPerson | undefined },
): Promise<StoredPerson> {
  const directoryId = await getDirectoryId(tx, id);
  const named: DirectoryUser = directoryUserSchema.parse({ ...wanted, directoryId });
  await upsertPhones(tx, [named]);
  const managerId = wanted.managerId !== null && uuid.test(wanted.managerId) ? wanted.managerId : null;
  await updateManager(tx, id, managerId);
  await indexUsers(tx, [id]);
  const after = await findPerson(tx, id);
  if (after === undefined) throw new Error("a person that was just written is not there");
  const user = { userId: id, userLabel: after.displayName };
  await recordPhones(tx, ctx, user, toNumbers(before?.phones ?? []), toNumbers(after.phones));
  return after;
}
