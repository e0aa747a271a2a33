import "server-only";
import type { ListEventsInput } from "@/lib/audit/list-input";
import { selectEvents } from "@/lib/audit/list-store";
import type { LoggedEvent } from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { toFilterNames } from "./filter-names";
import { requirePermission } from "./require-permission";

const limitDefault = 50;

/** A page of the log. */
export interface EventPage {
  events: LoggedEvent[];
  /** What to hand in for the next page; null on the last. */
  cursor: number | null;
}

/**
 * Lists what happened, newest first, in pages that cost the same at any depth.
 * That the log was read is itself in the log, each page of it: who names a place to begin at reads no less than who doesn't.
 * @param input.limit 1 to 100 events, 50 where nothing is said.
 * @throws {Denied} without `audit:read`.
 * @see audit `audit.read`, with the names of the filters, and the event that the page begins before
 */
export async function listEvents(ctx: Context, input: ListEventsInput): Promise<EventPage> {
  await requirePermission(ctx, "audit:read");
  const limit = input.limit ?? limitDefault;
  const rows = await inTransaction(async (tx) => {
    const found = await selectEvents(tx, input, limit + 1);
    const { limit: _limit, cursor, ...filters } = input;
    await recordEvent(tx, ctx, {
      kind: "audit.read",
      outcome: "ok",
      userId: input.user ?? null,
      details: { filters: toFilterNames(filters), ...(cursor === undefined ? {} : { before: cursor }) },
    });
    return found;
  });
  const events = rows.slice(0, limit);
  return { events, cursor: rows.length > limit ? (events.at(-1)?.id ?? null) : null };
}
