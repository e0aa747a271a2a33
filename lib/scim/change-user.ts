import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { lockImports } from "@/lib/directory/import-store";
import { setUserDisabled } from "@/lib/directory/set-disabled";
import { disableUser } from "@/lib/grants/leave";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, isDuplicate, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { bringIn } from "./bring-in";
import { findClash, sayClash } from "./clash";
import type { ScimDocument } from "./document";
import { refuseUnfit, tryFit, type UnfitRefusal } from "./outcome";
import { applyPatch, type Operation } from "./patch";
import { type Person, type StoredPerson, toDocument, toPerson } from "./person";
import { userType } from "./schema";
import { lockPerson, updatePerson } from "./user-store";
import { isAmong, versionOf } from "./version";

/** What a directory wants of a person: all of them anew, or changes. */
export type UserChange =
  | { readonly kind: "replace"; readonly document: ScimDocument }
  | { readonly kind: "patch"; readonly operations: readonly Operation[] };

/** What became of it. */
export type ChangeUserResult =
  | Success<{ person: StoredPerson }>
  | Refusal<"not_found" | "changed_meanwhile">
  | UnfitRefusal;

const scalars = [
  "login",
  "email",
  "firstName",
  "lastName",
  "displayName",
  "title",
  "language",
  "timeZone",
  "employeeNumber",
  "department",
  "externalId",
] as const;

/**
 * Changes a person whom a SCIM client keeps. Somebody who isn't active any more is disabled, and every live grant of theirs ends in
 * the same transaction. Names that are somebody else's don't hold that up: who leaves keeps the ones they had.
 *
 * @param input.ifMatch the ETags that the caller goes by; undefined: whatever is stored.
 * @param input.change a whole document leaves out what isn't wanted. `active` stays as it is where nothing is said of it, or it is removed.
 * Refuses `not_found` (nobody, somebody of another source, or taken away); `changed_meanwhile`; `unfit`, also `uniqueness`.
 * @throws {Denied} without `directory:sync`.
 * @see audit `user.changed` with the names of what changed, `user.disabled`, `user.enabled`, `grant.revoked`, `phone.changed`;
 *   RFC 7644, 3.5
 */
export async function changeUser(
  ctx: Context,
  input: { id: string; ifMatch: string | undefined; change: UserChange },
): Promise<ChangeUserResult> {
  await requirePermission(ctx, "directory:sync", { userId: input.id });
  const attempt = (isAlone: boolean, isTaken = false) =>
    inTransaction(async (tx) => {
      if (isAlone) await lockImports(tx);
      return change(tx, ctx, input, { isAlone, isTaken });
    });
  try {
    return (await attempt(false)) ?? (await attempt(true)) ?? refuse("changed_meanwhile");
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    return (await attempt(true, true)) ?? refuse("changed_meanwhile");
  }
}

/**
 * Makes the change; undefined, and nothing is done, where names change or lead to somebody again, and an import that takes them may
 * run beside (not `isAlone`).
 * `isTaken`: the login turned out to be somebody's already.
 */
async function change(
  tx: Tx,
  ctx: Context,
  { id, ifMatch, change: asked }: Parameters<typeof changeUser>[1],
  { isAlone, isTaken }: { isAlone: boolean; isTaken: boolean },
): Promise<ChangeUserResult | undefined> {
  const before = await lockPerson(tx, id);
  if (before === undefined) return refuse("not_found");
  if (ifMatch !== undefined && !isAmong(ifMatch, versionOf(before))) return refuse("changed_meanwhile");
  const fit = tryFit(() => toPerson(toWanted(before, asked)));
  if (!fit.ok) return fit;
  const isOther = fit.value.login !== before.login || fit.value.email !== before.email;
  const isBack = before.disabledAt !== null && !fit.value.isDisabled;
  if ((isOther || isBack) && !isAlone) return undefined;
  const clash = isTaken ? "userName" : isOther || isBack ? await findClash(tx, fit.value) : undefined;
  const isLeave = fit.value.isDisabled && before.disabledAt === null;
  if (clash !== undefined && !isLeave) return refuseClash(tx, ctx, id, clash);
  const { login, email } = clash === undefined ? fit.value : before;
  const wanted = { ...fit.value, login, email };
  await updateActive(tx, ctx, before, wanted);
  const changed: string[] = scalars.filter((name) => wanted[name] !== before[name]);
  if (changed.length > 0) await updatePerson(tx, id, wanted);
  const after = await bringIn(tx, ctx, { id, wanted, before });
  if (after.manager?.id !== before.manager?.id) changed.push("manager");
  if (changed.length > 0)
    await recordEvent(tx, ctx, {
      kind: "user.changed",
      outcome: "ok",
      userId: id,
      userLabel: after.displayName,
      details: { changed: changed.join(" ") },
    });
  return { ok: true, person: after };
}

function toWanted(before: StoredPerson, asked: UserChange): ScimDocument {
  const { core, extension } =
    asked.kind === "patch" ? applyPatch(userType, toDocument(before), asked.operations) : asked.document;
  return { core: { active: before.disabledAt === null, ...core }, extension };
}

async function updateActive(tx: Tx, ctx: Context, before: StoredPerson, wanted: Person): Promise<void> {
  const userId = before.id;
  if (wanted.isDisabled)
    await disableUser(tx, ctx, { userId, because: "named", userLabel: before.displayName });
  else if (before.disabledAt !== null) {
    await setUserDisabled(tx, { userId, isDisabled: false });
    await recordEvent(tx, ctx, { kind: "user.enabled", outcome: "ok", userId });
  }
}

async function refuseClash(
  tx: Tx,
  ctx: Context,
  userId: string,
  by: "userName" | "email",
): Promise<UnfitRefusal> {
  await recordEvent(tx, ctx, { kind: "user.changed", outcome: "refused", reason: "uniqueness", userId });
  return refuseUnfit("uniqueness", sayClash(by));
}
