import "server-only";
import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import type { setupInput } from "./input";
import { hashPassword } from "./password";
import { isWeakPassword } from "./password-rule";
import { refuseRecorded } from "./refusal";
import { hasStaff, insertStaff, lockSetup } from "./store";
import { byPassword, keepToken, mintSignIn, spendToken } from "./token";
import { endTokens, findToken } from "./token-store";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SETUP_CODE_LENGTH = 20;

/** Whether nobody is staff yet, so that the first owner is to be made at `/setup`. */
export async function isSetupNeeded(): Promise<boolean> {
  return inStatement(async (tx) => !(await hasStaff(tx)));
}

/**
 * Makes a setup code where there is no staff yet, for the operator's terminal: 100 random bits, good once, for 24 h.
 * Every instance that starts makes one of its own; the first that is used ends all.
 * @returns the code, and where to go with it; undefined where there is staff.
 */
export async function ensureSetupToken(): Promise<{ code: string; url: string } | undefined> {
  return inTransaction(async (tx) => {
    await lockSetup(tx);
    if (await hasStaff(tx)) return undefined;
    const code = Array.from(randomBytes(SETUP_CODE_LENGTH), (byte) => BASE32[byte % 32]).join("");
    await keepToken(tx, "setup", code, null, {});
    return {
      code: (code.match(/.{4}/g) ?? []).join("-"),
      url: new URL("/setup", getConfig().BASE_URL).href,
    };
  });
}

/**
 * Makes the first owner, for whoever holds the setup code. Of several at once, one does. Without the code nothing is hashed.
 * Refusals: `wrong_code`, `already_set_up`, `weak_password`. Audit: `staff.created`.
 * @returns a one-time token for `openSession`.
 */
export async function setUpOwner(
  ctx: Context,
  input: z.output<typeof setupInput>,
): Promise<Success<{ token: string }> | Refusal<"wrong_code" | "already_set_up" | "weak_password">> {
  if (isWeakPassword(input.password, [input.email, input.name, getConfig().SPAREKEY_COMPANY]))
    return inTransaction((tx) => refuseRecorded(tx, ctx, "staff.created", "weak_password"));
  const hasCode = await inStatement((tx) => findToken(tx, digest(input.code), "setup"));
  const passwordHash = hasCode === undefined ? null : await hashPassword(input.password);
  return inTransaction(async (tx) => {
    await lockSetup(tx);
    if (await hasStaff(tx)) return refuseRecorded(tx, ctx, "staff.created", "already_set_up");
    if (passwordHash === null || (await spendToken(tx, "setup", input.code)) === undefined)
      return refuseRecorded(tx, ctx, "staff.created", "wrong_code");
    const { email, name } = input;
    const staffId = await insertStaff(tx, {
      email,
      emailKey: toEmailKey(email),
      name,
      role: "owner",
      passwordHash,
    });
    if (staffId === undefined) return refuseRecorded(tx, ctx, "staff.created", "already_set_up");
    await endTokens(tx, null, "setup");
    await recordEvent(tx, ctx, {
      kind: "staff.created",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { role: "owner", by: "setup" },
    });
    return mintSignIn(tx, staffId, byPassword());
  });
}
