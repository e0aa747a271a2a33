import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { markDeleted } from "@/lib/directory/deletion-store";
import { importUsers } from "@/lib/directory/import";
import { recordPhones, toNumbers } from "@/lib/directory/record-phones";
import { disableUser, endAccessOfDisabled } from "@/lib/grants/leave";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { JudgedPerson } from "./judge";
import { freeLogins, renumber } from "./people-store";

/**
 * Brings people to what the directory's entries make of them. Who has left it and has a login still that is another's now is disabled
 * and taken away; whoever may not sign in any more loses every live grant.
 * @param judged together with everybody whose login one of them is given.
 * @returns how many grants ended by it.
 * @see audit `user.disabled`, `user.enabled`, `phone.changed`, `grant.revoked`
 */
export async function writePeople(tx: Tx, ctx: Context, judged: readonly JudgedPerson[]): Promise<number> {
  let ended = 0;
  for (const { leaver, isAdopted, known } of judged) {
    if (isAdopted && known !== undefined) await renumber(tx, known.id, known.directoryId);
    if (leaver === undefined) continue;
    ended += (await disableUser(tx, ctx, { userId: leaver.id, because: "absent" })).grantsEnded;
    await markDeleted(tx, leaver.id, "LDAP");
  }
  await freeLogins(
    tx,
    judged.flatMap(({ holder }) => holder?.id ?? []),
  );
  const differing = judged.filter(({ is }) => is !== "unchanged");
  await importUsers(
    tx,
    differing.map(({ wanted }) => wanted),
    "ldap",
  );
  for (const { known, wanted, becomesDisabled, becomesEnabled } of differing) {
    if (known === undefined) continue;
    const user = { userId: known.id, userLabel: wanted.displayName };
    if (becomesDisabled) ended += await endAccessOfDisabled(tx, ctx, { ...user, because: "named" });
    if (becomesEnabled) await recordEvent(tx, ctx, { kind: "user.enabled", outcome: "ok", ...user });
    await recordPhones(tx, ctx, user, toNumbers(known.phones), wanted.phones);
  }
  return ended;
}
