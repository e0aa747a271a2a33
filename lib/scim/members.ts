import "server-only";
import { toEventRow } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { GroupStep } from "./group-changes";
import { addMembers, countPeople, removeMembers } from "./group-store";
import { refuseUnfit, type UnfitRefusal } from "./outcome";

/**
 * Puts people into a group, takes them out, or does both until it has those who are named and no others.
 * @returns how many came and went, with an event for each. Refuses `invalidValue` where one who is to come is nobody whom a SCIM
 *   client keeps.
 * @see audit `group.member-added`, `group.member-removed`
 */
export async function changeMembers(
  tx: Tx,
  ctx: Context,
  group: { id: string; name: string },
  { kind, ids }: Extract<GroupStep, { ids: readonly string[] }>,
): Promise<{ ok: true; count: number } | UnfitRefusal> {
  const eventOf = (what: "group.member-added" | "group.member-removed") =>
    toEventRow(ctx, {
      kind: what,
      outcome: "ok",
      target: { kind: "group", id: group.id },
      details: { group: group.name },
    });
  if (kind !== "remove" && ids.length > 0 && (await countPeople(tx, ids)) !== ids.length)
    return refuseUnfit("invalidValue", "A member is nobody's id");
  let count = 0;
  if (kind !== "add") {
    const which = kind === "remove" ? { ids } : { except: ids };
    count += await removeMembers(tx, group.name, which, eventOf("group.member-removed"));
  }
  if (kind !== "remove" && ids.length > 0)
    count += await addMembers(tx, group.name, ids, eventOf("group.member-added"));
  return { ok: true, count };
}
