import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { foldKey } from "@/lib/directory/fold";
import { lockImports } from "@/lib/directory/import-store";
import type { Context } from "@/lib/platform/context";
import type { Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { bringIn } from "./bring-in";
import { findClash, sayClash } from "./clash";
import type { ScimDocument } from "./document";
import { refuseUnfit, tryFit, type UnfitRefusal } from "./outcome";
import { type StoredPerson, toPerson } from "./person";
import { findTaken, insertPerson } from "./user-store";

/**
 * Adds a person as their directory tells of them; the look-up finds them from this commit on.
 *
 * Their directory id, by which staff are matched to users, is the external id, else the folded login, and stays.
 *
 * @param document what POST brought.
 * Refuses `unfit`: `invalidValue`; `uniqueness` where somebody has the login or the directory id, or a person of another source has
 *   the address.
 * @throws {Denied} without `directory:sync`.
 * @see audit `user.added`, `phone.changed`; RFC 7644, 3.3
 */
export async function createUser(
  ctx: Context,
  document: ScimDocument,
): Promise<Success<{ person: StoredPerson }> | UnfitRefusal> {
  await requirePermission(ctx, "directory:sync");
  const fit = tryFit(() => toPerson(document));
  if (!fit.ok) return fit;
  const wanted = fit.value;
  const directoryId = wanted.externalId ?? foldKey(wanted.login);
  return inTransaction(async (tx) => {
    await lockImports(tx);
    const clash = (await findTaken(tx, { ...wanted, directoryId })) ?? (await findClash(tx, wanted));
    const made = clash === undefined ? await insertPerson(tx, wanted, directoryId) : undefined;
    if (made === undefined) {
      await recordEvent(tx, ctx, { kind: "user.added", outcome: "refused", reason: "uniqueness" });
      return refuseUnfit("uniqueness", sayClash(clash ?? "userName"));
    }
    await recordEvent(tx, ctx, {
      kind: "user.added",
      outcome: "ok",
      userId: made.id,
      userLabel: wanted.displayName,
      details: { source: "scim", active: !wanted.isDisabled },
    });
    return { ok: true, person: await bringIn(tx, ctx, { id: made.id, wanted, before: undefined }) };
  });
}
