import "server-only";
import type { Context } from "@/lib/platform/context";
import type { Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import type { Filter } from "./filter";
import { toUserCondition } from "./filter-store";
import { tryFit, type UnfitRefusal } from "./outcome";
import type { StoredPerson } from "./person";
import { findPerson, listPersons } from "./user-store";

/** Which part of a list is wanted. */
export interface Page {
  readonly filter: Filter | null;
  /** How many come before it. */
  readonly offset: number;
  /** How many at most; 0: only how many there are. */
  readonly limit: number;
}

/**
 * Finds a person whom a SCIM client keeps; undefined for anybody else.
 * @throws {Denied} without `directory:sync`.
 */
export async function findUser(ctx: Context, id: string): Promise<StoredPerson | undefined> {
  await requirePermission(ctx, "directory:sync", { userId: id });
  return inStatement((tx) => findPerson(tx, id));
}

/**
 * Lists the people whom SCIM clients keep and who fit a filter, in the order of their ids.
 * Refuses `unfit`: `invalidFilter` where it names what can't be filtered by.
 * @throws {Denied} without `directory:sync`.
 */
export async function listUsers(
  ctx: Context,
  { filter, offset, limit }: Page,
): Promise<Success<{ total: number; people: StoredPerson[] }> | UnfitRefusal> {
  await requirePermission(ctx, "directory:sync");
  const where = tryFit(() => toUserCondition(filter));
  if (!where.ok) return where;
  return { ok: true, ...(await inStatement((tx) => listPersons(tx, { where: where.value, offset, limit }))) };
}
