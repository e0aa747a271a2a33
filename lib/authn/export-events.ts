import "server-only";
import { countExported, type ExportFilter, findSettled, selectExported } from "@/lib/audit/export-store";
import {
  type CodeRule,
  type EventDetails,
  type EventKind,
  type ExportedEvent,
  eventKinds,
  userEventKinds,
} from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import { findUserDetails } from "@/lib/directory/store";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";

/** How many events of one user are listed at most. */
const ofUserMax = 100;

const kindsOf: Readonly<Record<"users" | "admins", readonly EventKind[]>> = {
  users: userEventKinds,
  admins: eventKinds.filter(
    (kind) => kind === "user.unlocked" || !(userEventKinds as readonly EventKind[]).includes(kind),
  ),
};

/** Which page of a log to export. */
export interface ExportEventsInput {
  /** `users`: sign-ins and what belongs to them; `admins`: all else. Unlocking stands in both. */
  log: "users" | "admins";
  /** Later than this; a day ago, from the beginning of that hour, where nothing is said. */
  after?: Date | undefined;
  /** Not later than this; now where nothing is said. */
  until?: Date | undefined;
  /** From 0; beyond the last: no events. */
  pageNumber: number;
  /** 1 to 100. */
  pageSize: number;
  codes: readonly CodeRule[];
}

/**
 * Exports a page of a log, the oldest event first, so that whoever comes again begins after the last that they have: no event
 * comes in before one that was told. What is newer than a transaction that is still open waits for its end.
 * That the log was read is itself in the log.
 * @returns the page, and how many events there are between the two times.
 * @throws {Denied} without `audit:export-users` or `audit:export-admins`.
 * @see audit `audit.read`; rest, 1 "user events", "admin events"
 */
export async function exportEvents(
  ctx: Context,
  input: ExportEventsInput,
): Promise<{ events: ExportedEvent[]; total: number }> {
  await requirePermission(ctx, input.log === "users" ? "audit:export-users" : "audit:export-admins");
  const { log, codes, pageNumber, pageSize } = input;
  return inTransaction(async (tx) => {
    const settled = await findSettled(tx);
    const { until, after = toDefaultStart(until ?? settled) } = input;
    const filter: ExportFilter = { kinds: kindsOf[log], codes, after, until, settled };
    const total = await countExported(tx, filter);
    const events = await selectExported(tx, filter, {
      order: "oldest",
      limit: pageSize,
      offset: pageSize * pageNumber,
    });
    await recordRead(tx, ctx, { log, page: pageNumber });
    return { events, total };
  });
}

/** Which events of a user to list. */
export interface ListUserLogInput {
  userId: string;
  code?: number | undefined;
  after?: Date | undefined;
  until?: Date | undefined;
  codes: readonly CodeRule[];
}

/**
 * Lists the newest 100 events of a user's sign-ins, the newest first. That they were read is itself in the log.
 * Refuses `user_not_found`.
 * @throws {Denied} without `audit:export-users`.
 * @see audit `audit.read`; rest, 1 "user's log"
 */
export async function listUserLog(
  ctx: Context,
  input: ListUserLogInput,
): Promise<Success<{ events: ExportedEvent[] }> | Refusal<"user_not_found">> {
  await requirePermission(ctx, "audit:export-users", { userId: input.userId });
  const { userId } = input;
  return inTransaction(async (tx) => {
    if ((await findUserDetails(tx, userId)) === undefined) return refuse("user_not_found");
    const filter = { ...input, kinds: userEventKinds };
    const events = await selectExported(tx, filter, { order: "newest", limit: ofUserMax, offset: 0 });
    await recordRead(tx, ctx, { log: "users" }, userId);
    return { ok: true, events };
  });
}

const hourMs = 3600 * 1000;

/** A day before, cut to the hour, so that the pages of one reading begin at the same time. */
const toDefaultStart = (end: Date) => new Date((Math.floor(end.getTime() / hourMs) - 24) * hourMs);

async function recordRead(
  tx: Tx,
  ctx: Context,
  details: EventDetails,
  userId: string | null = null,
): Promise<void> {
  await recordEvent(tx, ctx, { kind: "audit.read", outcome: "ok", userId, details });
}
