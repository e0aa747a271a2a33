import "server-only";
import type { EventDetails } from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import {
  inStatement,
  inTransaction,
  isDuplicate,
  type Tx,
  undoneByRefusal,
} from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ScimDocument } from "./document";
import { toGroupCondition } from "./filter-store";
import { type GroupStep, toGroup, toSteps } from "./group-changes";
import {
  bumpGroup,
  deleteGroup,
  findGroupById,
  insertGroup,
  listGroupsThat,
  lockGroup,
  type StoredGroup,
  updateGroup,
} from "./group-store";
import { changeMembers } from "./members";
import { refuseUnfit, tryFit, type UnfitRefusal } from "./outcome";
import type { Operation } from "./patch";
import type { Page } from "./read-users";
import { isAmong, versionOf } from "./version";

/** What a directory wants of a group: all of it anew, or changes. */
export type GroupChange =
  | { readonly kind: "replace"; readonly document: ScimDocument }
  | { readonly kind: "patch"; readonly operations: readonly Operation[] };

/** What became of it. */
export type ChangeGroupResult =
  | Success<{ group: StoredGroup }>
  | Refusal<"not_found" | "changed_meanwhile">
  | UnfitRefusal;

/** The ETag of a group, members and all. */
export const groupVersion = ({ id, version }: StoredGroup) => versionOf({ id, version });

/**
 * Finds a group; undefined where there is none.
 * @throws {Denied} without `directory:sync`.
 */
export async function findGroup(
  ctx: Context,
  id: string,
  withMembers: boolean,
): Promise<StoredGroup | undefined> {
  await requirePermission(ctx, "directory:sync");
  return inStatement((tx) => findGroupById(tx, id, withMembers));
}

/**
 * Lists the groups that fit a filter, in the order of their ids. Refuses `unfit`: `invalidFilter`.
 * @throws {Denied} without `directory:sync`.
 */
export async function listGroups(
  ctx: Context,
  { filter, withMembers, ...page }: Page & { withMembers: boolean },
): Promise<Success<{ total: number; groups: StoredGroup[] }> | UnfitRefusal> {
  await requirePermission(ctx, "directory:sync");
  const where = tryFit(() => toGroupCondition(filter));
  if (!where.ok) return where;
  const found = await inStatement((tx) => listGroupsThat(tx, { ...page, where: where.value, withMembers }));
  return { ok: true, ...found };
}

/**
 * Adds a group with its members. Whoever is in it is judged by the policy of its name at once.
 * Refuses `unfit`: `invalidValue` (also where a member is nobody whom a SCIM client keeps), `uniqueness` of the name.
 * @throws {Denied} without `directory:sync`.
 * @see audit `group.added`, `group.member-added`; RFC 7644, 3.3
 */
export async function createGroup(
  ctx: Context,
  document: ScimDocument,
): Promise<Success<{ group: StoredGroup }> | UnfitRefusal> {
  await requirePermission(ctx, "directory:sync");
  const fit = tryFit(() => toGroup(document));
  if (!fit.ok) return fit;
  const { memberIds, ...wanted } = fit.value;
  const done = await inTransaction((tx) =>
    undoneByRefusal(tx, async (inner) => {
      const made = await insertGroup(inner, wanted);
      if (made === undefined) return refuseTaken();
      await record(inner, ctx, "group.added", { id: made.id, name: wanted.name });
      const group = { id: made.id, name: wanted.name };
      const members = await changeMembers(inner, ctx, group, { kind: "set", ids: memberIds });
      return members.ok ? readGroup(inner, made.id) : members;
    }),
  );
  if (!done.ok) await recordRefused(ctx, "group.added", done.scimType);
  return done;
}

/**
 * Changes a group: its name, whose members go along, its external id, or who is in it.
 * @param input.ifMatch the ETags that the caller goes by; undefined: whatever is stored.
 * Refuses `not_found`; `changed_meanwhile`; `unfit`. Nothing is changed then.
 * @throws {Denied} without `directory:sync`.
 * @see audit `group.changed`, `group.member-added`, `group.member-removed`; RFC 7644, 3.5
 */
export async function changeGroup(
  ctx: Context,
  { id, ifMatch, change }: { id: string; ifMatch: string | undefined; change: GroupChange },
): Promise<ChangeGroupResult> {
  await requirePermission(ctx, "directory:sync");
  const fit = tryFit(() => stepsOf(change));
  if (!fit.ok) return fit;
  try {
    const done = await inTransaction((tx) =>
      undoneByRefusal(tx, async (inner): Promise<ChangeGroupResult> => {
        const group = await lockGroup(inner, id);
        if (group === undefined) return refuse("not_found");
        if (ifMatch !== undefined && !isAmong(ifMatch, groupVersion(group)))
          return refuse("changed_meanwhile");
        return takeSteps(inner, ctx, group, fit.value);
      }),
    );
    if (!done.ok && done.reason === "unfit") await recordRefused(ctx, "group.changed", done.scimType, id);
    return done;
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    await recordRefused(ctx, "group.changed", "uniqueness", id);
    return refuseTaken();
  }
}

/**
 * Takes a group away, and its members out of it.
 * Refuses `not_found`; `changed_meanwhile`.
 * @throws {Denied} without `directory:sync`.
 * @see audit `group.deleted`, `group.member-removed`; RFC 7644, 3.6
 */
export async function removeGroup(
  ctx: Context,
  { id, ifMatch }: { id: string; ifMatch: string | undefined },
): Promise<Success | Refusal<"not_found" | "changed_meanwhile">> {
  await requirePermission(ctx, "directory:sync");
  return inTransaction(async (tx) => {
    const group = await lockGroup(tx, id);
    if (group === undefined) return refuse("not_found");
    if (ifMatch !== undefined && !isAmong(ifMatch, groupVersion(group))) return refuse("changed_meanwhile");
    await changeMembers(tx, ctx, group, { kind: "set", ids: [] });
    await deleteGroup(tx, id);
    await record(tx, ctx, "group.deleted", group);
    return { ok: true };
  });
}

function stepsOf(change: GroupChange): GroupStep[] {
  if (change.kind === "patch") return toSteps(change.operations);
  const { name, externalId, memberIds } = toGroup(change.document);
  return [
    { kind: "name", name },
    { kind: "externalId", externalId },
    { kind: "set", ids: memberIds },
  ];
}

/** What a group is called after a step: of many names in one message its members are taken along to the last. */
function rename(group: StoredGroup, step: GroupStep): StoredGroup {
  if ("ids" in step) return group;
  const after =
    step.kind === "name" ? { ...group, name: step.name } : { ...group, externalId: step.externalId };
  return after.name === group.name && after.externalId === group.externalId ? group : after;
}

async function takeSteps(
  tx: Tx,
  ctx: Context,
  before: StoredGroup,
  steps: readonly GroupStep[],
): Promise<ChangeGroupResult> {
  const group = steps.reduce(rename, before);
  const isRenamed = group.name !== before.name;
  const isOther = isRenamed || group.externalId !== before.externalId;
  if (isOther) await updateGroup(tx, before, group);
  let moved = 0;
  for (const step of steps) {
    if (!("ids" in step)) continue;
    const members = await changeMembers(tx, ctx, group, step);
    if (!members.ok) return members;
    moved += members.count;
  }
  if (isOther) await record(tx, ctx, "group.changed", group, isRenamed ? { before: before.name } : {});
  if (isOther || moved > 0) await bumpGroup(tx, group.id);
  return readGroup(tx, group.id);
}

async function readGroup(tx: Tx, id: string): Promise<Success<{ group: StoredGroup }>> {
  const group = await findGroupById(tx, id, true);
  if (group === undefined) throw new Error("a group that was just written is not there");
  return { ok: true, group };
}

const refuseTaken = () => refuseUnfit("uniqueness", "displayName belongs to another group");

async function record(
  tx: Tx,
  ctx: Context,
  kind: "group.added" | "group.changed" | "group.deleted",
  group: { id: string; name: string },
  details: EventDetails = {},
): Promise<void> {
  await recordEvent(tx, ctx, {
    kind,
    outcome: "ok",
    target: { kind: "group", id: group.id },
    details: { group: group.name, ...details },
  });
}

async function recordRefused(
  ctx: Context,
  kind: "group.added" | "group.changed",
  reason: string,
  id?: string,
): Promise<void> {
  const target = id === undefined ? {} : { target: { kind: "group", id } };
  await inTransaction((tx) => recordEvent(tx, ctx, { kind, outcome: "refused", reason, ...target }));
}
