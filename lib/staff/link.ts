import "server-only";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction, type Tx } from "@/lib/platform/transaction";
import type { linkInput } from "./input";
import { inNameOf } from "./live-session";
import { hashPassword } from "./password";
import { isWeakPassword } from "./password-rule";
import { refuseRecorded } from "./refusal";
import { endSessionsOf } from "./session-store";
import { findStaff, lockStaff, setFailures, updateStaff } from "./store";
import { byPassword, mintSignIn, mintToken, spendToken } from "./token";
import { endTokens, findToken } from "./token-store";

/** What a one-time link is for: to begin, or to begin again. */
export type LinkPurpose = "invite" | "password_reset";

/** A one-time link, shown once to who made it. */
export interface Link {
  url: string;
  expiresAt: Date;
}

/** Makes a one-time link for `staffId`, and ends those made before. */
export async function makeLink(tx: Tx, purpose: LinkPurpose, staffId: string): Promise<Link> {
  await endTokens(tx, staffId);
  const { token, expiresAt } = await mintToken(tx, purpose, staffId, {});
  return { url: `${new URL("/signin/link", getConfig().BASE_URL).href}?token=${token}`, expiresAt };
}

/** Reads whom a live link is for, and leaves it unused; undefined where it is unknown, used or expired. */
export async function readLink(
  token: string,
): Promise<{ purpose: LinkPurpose; name: string; email: string } | undefined> {
  return inStatement(async (tx) => {
    for (const purpose of ["invite", "password_reset"] as const) {
      const found = await findToken(tx, digest(token), purpose);
      const staff = found?.staffId == null ? undefined : await findStaff(tx, found.staffId);
      if (staff !== undefined && staff.disabledAt === null)
        return { purpose, name: staff.name, email: staff.email };
    }
    return undefined;
  });
}

/**
 * Spends a one-time link and sets the password that came with it; all sessions of before end, a lock is lifted.
 * Refusals: `gone` (unknown, used, expired, or its owner was disabled), `weak_password` (the link stays good).
 * Audit: `staff.password-changed`.
 * @returns a one-time token for `openSession`: the second factor is asked for, or enrolled, next.
 */
export async function acceptLink(
  ctx: Context,
  { token, password }: z.output<typeof linkInput>,
): Promise<Success<{ token: string }> | Refusal<"gone" | "weak_password">> {
  const link = await readLink(token);
  if (link === undefined)
    return inTransaction((tx) => refuseRecorded(tx, ctx, "staff.password-changed", "gone"));
  if (isWeakPassword(password, [link.email, link.name, getConfig().SPAREKEY_COMPANY]))
    return inTransaction((tx) => refuseRecorded(tx, ctx, "staff.password-changed", "weak_password"));
  const passwordHash = await hashPassword(password);
  return inTransaction(async (tx) => {
    const spent = await spendToken(tx, link.purpose, token);
    const staff = spent?.staffId == null ? undefined : await lockStaff(tx, spent.staffId);
    if (staff === undefined || staff.disabledAt !== null)
      return refuseRecorded(tx, ctx, "staff.password-changed", "gone", staff?.id);
    await updateStaff(tx, staff.id, { passwordHash });
    await setFailures(tx, staff.id, 0, 0);
    await endTokens(tx, staff.id);
    await endSessionsOf(tx, staff.id, "password");
    await recordEvent(tx, inNameOf(ctx, { ...staff, staffId: staff.id, sessionId: "" }), {
      kind: "staff.password-changed",
      outcome: "ok",
      target: { kind: "staff", id: staff.id },
      details: { by: link.purpose },
    });
    return mintSignIn(tx, staff.id, byPassword());
  });
}
