import "server-only";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import {
  countFactors,
  deletePasskey,
  deleteTotp,
  hasShownOidc,
  listPasskeys,
  type PasskeyListRow,
} from "./factor-store";
import type { changePasswordInput, settingsInput } from "./input";
import { lockSecondsAfter } from "./lock";
import { SESSION_IDLE_SECONDS_MAX } from "./model";
import { hashPassword, verifyPassword } from "./password";
import { isWeakPassword } from "./password-rule";
import { refuseRecorded, refuseStale } from "./refusal";
import { requireStaff } from "./require-permission";
import { endSessionsOf, listLiveSessions, type SessionRow } from "./session-store";
import { findStaff, isKnownToOidc, lockStaff, setFailures, updateStaff } from "./store";

/** One's own account, as `/account` shows it. */
export interface Account {
  email: string;
  name: string;
  language: string;
  timeZone: string | null;
  hasPassword: boolean;
  passkeys: PasskeyListRow[];
  totp: boolean;
  oidc: boolean;
  sessions: (SessionRow & { current: boolean })[];
}

/** Reads one's own account. */
export async function readAccount(ctx: Context): Promise<Account> {
  const { staffId, sessionId, email, name } = await requireStaff(ctx);
  return inStatement(async (tx) => {
    const staff = await findStaff(tx, staffId);
    const sessions = await listLiveSessions(tx, staffId, SESSION_IDLE_SECONDS_MAX);
    return {
      email,
      name,
      language: staff?.language ?? "en",
      timeZone: staff?.timeZone ?? null,
      hasPassword: staff?.passwordHash != null,
      passkeys: await listPasskeys(tx, staffId),
      totp: (await countFactors(tx, staffId)).totp,
      oidc: await isKnownToOidc(tx, staffId),
      sessions: sessions.map((session) => ({ ...session, current: session.id === sessionId })),
    };
  });
}

/**
 * Changes one's own password; all other sessions end (ASVS 6.2.3, 7.4.3).
 * Refusals: `step_up_needed`, `wrong` (the one of before; counts as a wrong try), `throttled`, `weak_password`.
 * Audit: `staff.password-changed`.
 */
export async function changeOwnPassword(
  ctx: Context,
  { current, password }: z.output<typeof changePasswordInput>,
): Promise<Success | Refusal<"step_up_needed" | "wrong" | "throttled" | "weak_password">> {
  const actor = await requireStaff(ctx);
  const stale = await refuseStale(ctx, "staff.password-changed", actor.staffId);
  if (stale !== undefined) return stale;
  if (isWeakPassword(password, [actor.email, actor.name, getConfig().SPAREKEY_COMPANY]))
    return inTransaction((tx) =>
      refuseRecorded(tx, ctx, "staff.password-changed", "weak_password", actor.staffId),
    );
  const passwordHash = await hashPassword(password);
  return inTransaction(async (tx) => {
    const staff = await lockStaff(tx, actor.staffId);
    if (staff === undefined) return refuseRecorded(tx, ctx, "staff.password-changed", "wrong", actor.staffId);
    if (staff.lockedSeconds > 0)
      return refuseRecorded(tx, ctx, "staff.password-changed", "throttled", staff.id);
    if (staff.passwordHash !== null && !(await verifyPassword(staff.passwordHash, current))) {
      const failures = staff.failedCount + 1;
      await setFailures(tx, staff.id, failures, lockSecondsAfter(failures));
      return refuseRecorded(tx, ctx, "staff.password-changed", "wrong", staff.id);
    }
    await updateStaff(tx, staff.id, { passwordHash });
    const sessions = await endSessionsOf(tx, staff.id, "password", actor.sessionId);
    await recordEvent(tx, ctx, {
      kind: "staff.password-changed",
      outcome: "ok",
      target: { kind: "staff", id: staff.id },
      details: { by: "self", sessions },
    });
    return { ok: true };
  });
}

/** Changes one's own language and time zone (null: that of the browser). Audit: `staff.changed`. */
export async function changeOwnSettings(
  ctx: Context,
  settings: z.output<typeof settingsInput>,
): Promise<Success> {
  const { staffId } = await requireStaff(ctx);
  return inTransaction(async (tx) => {
    await updateStaff(tx, staffId, settings);
    await recordEvent(tx, ctx, {
      kind: "staff.changed",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: settings,
    });
    return { ok: true };
  });
}

type RemoveResult = Success | Refusal<"step_up_needed" | "not_found" | "last_factor">;

async function removeFactor(
  ctx: Context,
  factor: "passkey" | "totp",
  remove: (tx: Tx, staffId: string) => Promise<boolean>,
): Promise<RemoveResult> {
  const actor = await requireStaff(ctx);
  const stale = await refuseStale(ctx, "staff.factor-reset", actor.staffId);
  if (stale !== undefined) return stale;
  return inTransaction(async (tx) => {
    await lockStaff(tx, actor.staffId);
    const { passkeys, totp } = await countFactors(tx, actor.staffId);
    const oidc = getConfig().OIDC_ISSUER !== undefined && (await hasShownOidc(tx, actor.staffId));
    const has = factor === "totp" ? totp : passkeys > 0;
    if (has && !oidc && passkeys + (totp ? 1 : 0) === 1)
      return refuseRecorded(tx, ctx, "staff.factor-reset", "last_factor", actor.staffId);
    if (!(await remove(tx, actor.staffId)))
      return refuseRecorded(tx, ctx, "staff.factor-reset", "not_found", actor.staffId);
    await recordEvent(tx, ctx, {
      kind: "staff.factor-reset",
      outcome: "ok",
      target: { kind: "staff", id: actor.staffId },
      details: { factor, by: "self" },
    });
    return { ok: true };
  });
}

/**
 * Removes one of one's own passkeys.
 * Refusals: `step_up_needed`, `not_found`, `last_factor` (add another first). Audit: `staff.factor-reset`.
 */
export async function removePasskey(
  ctx: Context,
  { passkeyId }: { passkeyId: string },
): Promise<RemoveResult> {
  return removeFactor(ctx, "passkey", (tx, staffId) => deletePasskey(tx, staffId, passkeyId));
}

/** Removes one's own authenticator app; refusals and audit as of `removePasskey`. */
export async function removeTotp(ctx: Context): Promise<RemoveResult> {
  return removeFactor(ctx, "totp", deleteTotp);
}
