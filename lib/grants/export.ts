import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type MadeFile, makeCsvFile } from "@/lib/platform/csv-file";
import type { Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { toFilterNames } from "@/lib/staff/filter-names";
import { requirePermission } from "@/lib/staff/require-permission";
import type { ExportGrantsInput } from "./input";
import { type GrantView, listPage } from "./read-store";

const columns: Readonly<Record<string, (grant: GrantView) => string | number | Date | null>> = {
  id: ({ id }) => id,
  issuedAt: ({ createdAt }) => createdAt,
  state: ({ state }) => state,
  method: ({ method }) => method,
  form: ({ code }) => code?.form ?? null,
  startsAt: ({ startsAt }) => startsAt,
  expiresAt: ({ expiresAt }) => expiresAt,
  offlineExpiresAt: ({ code }) => code?.offlineExpiresAt ?? null,
  usesCount: ({ usesCount }) => usesCount,
  usesMax: ({ usesMax }) => usesMax,
  lastUsedAt: ({ lastUsedAt }) => lastUsedAt,
  userId: ({ user }) => user.id,
  login: ({ user }) => user.login,
  user: ({ user }) => user.displayName,
  reason: ({ reason }) => reason,
  note: ({ reasonNote }) => reasonNote,
  ticket: ({ ticket }) => ticket,
  issuerKind: ({ issuer }) => issuer.kind,
  issuerId: ({ issuer }) => issuer.id,
  issuer: ({ issuer }) => issuer.label,
  endedAt: ({ endedAt }) => endedAt,
  endedBy: ({ endedBy }) => endedBy,
  endReason: ({ endReason }) => endReason,
  lastDelivery: ({ lastDelivery }) => lastDelivery?.state ?? null,
  lastFailure: ({ lastDelivery }) => lastDelivery?.failure ?? null,
};

/**
 * Exports every grant that fits as a file of comma-separated values, newest first. That it was exported is in the log before the first byte.
 * @throws {Denied} without `grant:list` and `audit:export-users`.
 * @see audit `grant.exported`, with the names of the filters; product, "Who"
 */
export async function exportGrants(ctx: Context, input: ExportGrantsInput): Promise<Success<MadeFile>> {
  await requirePermission(ctx, "grant:list");
  await requirePermission(ctx, "audit:export-users");
  await inTransaction((tx) =>
    recordEvent(tx, ctx, {
      kind: "grant.exported",
      outcome: "ok",
      userId: input.userId ?? null,
      details: { filters: toFilterNames(input) },
    }),
  );
  const file = makeCsvFile("emergency-access", columns, (last: GrantView | undefined, grantsMax) =>
    inStatement((tx) => listPage(tx, input, last, grantsMax)),
  );
  return { ok: true, ...file };
}
