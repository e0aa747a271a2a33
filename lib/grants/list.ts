import "server-only";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { parseCursor, toCursor } from "./cursor";
import type { ListGrantsInput } from "./input";
import { type GrantView, listPage } from "./read-store";

const pageSize = 50;

/** A page of issued grants, newest first. */
export interface GrantPage {
  readonly grants: GrantView[];
  /** For the page after; null: this is the last one. */
  readonly nextCursor: string | null;
}

/**
 * Lists the grants that were issued, newest first, at the same price at any depth.
 *
 * @param input.state `expired` finds those past their time, swept or not.
 * @param input.from, input.to Created at or after, and before.
 * @param input.limit 1-100, 50 where left out.
 * @returns A page; `bad_cursor` for one that this list never gave.
 * @throws {Denied} without `grant:list`.
 */
export async function listGrants(
  ctx: Context,
  input: ListGrantsInput,
): Promise<Success<GrantPage> | Refusal<"bad_cursor">> {
  await requirePermission(ctx, "grant:list");
  const { cursor, limit = pageSize, ...filter } = input;
  const position = cursor === undefined ? undefined : parseCursor(cursor);
  if (cursor !== undefined && position === undefined) return refuse("bad_cursor");
  const found = await inStatement((tx) => listPage(tx, filter, position, limit + 1));
  const grants = found.slice(0, limit);
  const last = found.length > limit ? grants.at(-1) : undefined;
  return { ok: true, grants, nextCursor: last === undefined ? null : toCursor(last) };
}
