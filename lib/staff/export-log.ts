import "server-only";
import type { ExportLogInput } from "@/lib/audit/list-input";
import { selectEvents } from "@/lib/audit/list-store";
import type { LoggedEvent } from "@/lib/audit/model";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type MadeFile, makeCsvFile } from "@/lib/platform/csv-file";
import type { Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { toFilterNames } from "./filter-names";
import { requirePermission } from "./require-permission";

const columns: Readonly<Record<string, (event: LoggedEvent) => string | number | null>> = {
  id: (event) => event.id,
  at: (event) => event.at,
  kind: (event) => event.kind,
  outcome: (event) => event.outcome,
  reason: (event) => event.reason,
  actorKind: (event) => event.actorKind,
  actorId: (event) => event.actorId,
  actor: (event) => event.actorLabel,
  userId: (event) => event.userId,
  user: (event) => event.userLabel,
  grantId: (event) => event.grantId,
  targetKind: (event) => event.targetKind,
  targetId: (event) => event.targetId,
  target: (event) => event.targetLabel,
  sourceIp: (event) => event.sourceIp,
  userAgent: (event) => event.userAgent,
  requestId: (event) => event.requestId,
  details: (event) => JSON.stringify(event.details),
};

/**
 * Exports every event that fits as a file of comma-separated values, newest first, as far as the log went at the first page. That it was
 * exported is in the log before the first byte.
 * @throws {Denied} without `audit:read`, `audit:export-users` and `audit:export-admins`.
 * @see audit `audit.exported`, with the names of the filters; product, "Who"
 */
export async function exportLog(ctx: Context, input: ExportLogInput): Promise<Success<MadeFile>> {
  await requirePermission(ctx, "audit:read");
  await requirePermission(ctx, "audit:export-users");
  await requirePermission(ctx, "audit:export-admins");
  await inTransaction((tx) =>
    recordEvent(tx, ctx, {
      kind: "audit.exported",
      outcome: "ok",
      userId: input.user ?? null,
      details: { filters: toFilterNames(input) },
    }),
  );
  const file = makeCsvFile("audit", columns, (last: LoggedEvent | undefined, eventsMax) =>
    inStatement((tx) => selectEvents(tx, { ...input, cursor: last?.id, limit: undefined }, eventsMax)),
  );
  return { ok: true, ...file };
}
