import "server-only";
import { Secret, TOTP } from "otpauth";
import { renderSVG } from "uqr";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import { getNow } from "@/lib/platform/clock-store";
import { getConfig } from "@/lib/platform/config";
import { open, seal } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import {
  confirmTotpRow,
  findTotp,
  setTotpFailures,
  spendTotpStep,
  type TotpRow,
  upsertTotp,
} from "./factor-store";
import type { totpInput } from "./input";
import { type EnteringContext, inNameOf } from "./live-session";
import { lockSecondsAfter } from "./lock";
import { refuseRecorded } from "./refusal";
import { mayEnrol, refuseEnrolment } from "./second-factor";
import { lockStaff } from "./store";
import { mintSignIn } from "./token";

const PERIOD_SECONDS = 30;

/** One step early or late: clocks of phones differ (RFC 6238, 5.2). */
const WINDOW_STEPS = 1;

/** What a TOTP secret is sealed with: it opens for no other staff member. */
export const totpBinding = (staffId: string): string => `staff_totp/${staffId}`;

function openSecret(staffId: string, row: TotpRow): Secret {
  const plain = open("totp", { cipher: row.secretCipher, keyId: row.keyId }, totpBinding(staffId));
  return Secret.fromHex(Buffer.from(plain).toString("hex"));
}

function findStep(secret: Secret, code: string, now: Date): number | undefined {
  const delta = TOTP.validate({ token: code, secret, timestamp: now.getTime(), window: WINDOW_STEPS });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta;
}

/**
 * Makes a TOTP secret for the session's owner, to be confirmed by a first code; another one not confirmed yet is forgotten.
 * Refusals: `step_up_needed`, `exists` (a confirmed one stands: remove it first).
 * @returns the secret in base32 and its QR code as SVG, shown once.
 */
export async function beginTotp(
  ctx: EnteringContext,
): Promise<Success<{ secret: string; svg: string }> | Refusal<"step_up_needed" | "exists">> {
  return inTransaction(async (tx) => {
    if (!(await mayEnrol(tx, ctx))) return refuseEnrolment(tx, ctx);
    const { staffId, email } = ctx.session;
    const secret = new Secret({ size: 20 });
    const { cipher, keyId } = seal("totp", secret.bytes, totpBinding(staffId));
    if (!(await upsertTotp(tx, staffId, { secretCipher: cipher, keyId })))
      return refuseRecorded(tx, inNameOf(ctx, ctx.session), "staff.factor-added", "exists", staffId);
    const issuer = `Sparekey ${getConfig().SPAREKEY_COMPANY}`;
    const uri = new TOTP({ issuer, label: email, secret, period: PERIOD_SECONDS }).toString();
    return {
      ok: true,
      secret: secret.base32,
      svg: renderSVG(uri, { ecc: "M", border: 2, whiteColor: "#fff", blackColor: "#000" }),
    };
  });
}

/**
 * Confirms the secret of `beginTotp` by a code of it, which counts as a second factor shown.
 * Refusals: `step_up_needed`, `wrong`, `none` (nothing to confirm). Audit: `staff.factor-added`.
 * @returns a one-time token for `openSession`.
 */
export async function confirmTotp(
  ctx: EnteringContext,
  { code }: Pick<z.output<typeof totpInput>, "code">,
): Promise<Success<{ token: string }> | Refusal<"step_up_needed" | "wrong" | "none">> {
  return inTransaction(async (tx) => {
    const { staffId, sessionId } = ctx.session;
    const staff = await lockStaff(tx, staffId);
    if (!(await mayEnrol(tx, ctx))) return refuseEnrolment(tx, ctx);
    const row = await findTotp(tx, staffId);
    const refused = <Reason extends string>(reason: Reason) =>
      refuseRecorded(tx, inNameOf(ctx, ctx.session), "staff.factor-added", reason, staffId);
    if (staff === undefined || row === undefined || row.confirmedAt !== null) return refused("none");
    const step = findStep(openSecret(staffId, row), code, await getNow(tx));
    if (step === undefined) return refused("wrong");
    if (!(await confirmTotpRow(tx, staffId, step))) return refused("none");
    await recordEvent(tx, inNameOf(ctx, ctx.session), {
      kind: "staff.factor-added",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { factor: "totp" },
    });
    return mintSignIn(tx, staffId, { by: "totp", factor: "totp", session: sessionId });
  });
}

/**
 * Judges a code of the session owner's authenticator app; each 30 s step is good once (63B-4, 3.1.4.2).
 * Wrong ones lock as wrong passwords do, and are counted apart: whoever tries passwords at the account doesn't stop its owner
 * from showing the second factor in a session that runs.
 * Refusals: `wrong`, `throttled` (not judged), `none` (no app enrolled). Audit: `staff.sign-in-failed`.
 * @returns a one-time token for `openSession`.
 */
export async function showTotp(
  ctx: EnteringContext,
  { code }: Pick<z.output<typeof totpInput>, "code">,
): Promise<
  Success<{ token: string }> | Refusal<"wrong" | "none"> | Refusal<"throttled", { retryAfterSeconds: number }>
> {
  return inTransaction(async (tx) => {
    const { staffId, sessionId } = ctx.session;
    const owner = inNameOf(ctx, ctx.session);
    const staff = await lockStaff(tx, staffId);
    const row = await findTotp(tx, staffId);
    if (staff === undefined || row === undefined || row.confirmedAt === null)
      return refuseRecorded(tx, owner, "staff.sign-in-failed", "none", staffId);
    if (row.lockedSeconds > 0) {
      await refuseRecorded(tx, owner, "staff.sign-in-failed", "locked", staffId);
      return refuse("throttled", { retryAfterSeconds: row.lockedSeconds });
    }
    const step = findStep(openSecret(staffId, row), code, await getNow(tx));
    if (step === undefined || !(await spendTotpStep(tx, staffId, step))) {
      const failures = row.failedCount + 1;
      await setTotpFailures(tx, staffId, failures, lockSecondsAfter(failures));
      return refuseRecorded(tx, owner, "staff.sign-in-failed", "wrong", staffId);
    }
    return mintSignIn(tx, staffId, { by: "totp", factor: "totp", session: sessionId });
  });
}
