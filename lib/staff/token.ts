import "server-only";
import { isDemo } from "@/lib/platform/config";
import { digest, randomToken } from "@/lib/platform/keys";
import type { Success } from "@/lib/platform/outcome";
import type { Tx } from "@/lib/platform/transaction";
import {
  claimToken,
  insertToken,
  type SignInProof,
  type TokenData,
  type TokenPurpose,
  type TokenRow,
} from "./token-store";

/** How long each kind of one-time token lives, in seconds. */
const TOKEN_SECONDS: Readonly<Record<TokenPurpose, number>> = {
  setup: 24 * 60 * 60,
  invite: 3 * 24 * 60 * 60,
  password_reset: 60 * 60,
  sign_in: 60,
  webauthn: 5 * 60,
};

/** Makes a one-time token of 256 random bits; only its digest is stored. */
export async function mintToken<Purpose extends TokenPurpose>(
  tx: Tx,
  purpose: Purpose,
  staffId: string,
  data: TokenData[Purpose],
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomToken();
  return { token, expiresAt: await keepToken(tx, purpose, token, staffId, data) };
}

/** Answers a proof with the one-time token in which every proof ends: `openSession` takes it. */
export async function mintSignIn(
  tx: Tx,
  staffId: string,
  proof: SignInProof,
): Promise<Success<{ token: string }>> {
  const { token } = await mintToken(tx, "sign_in", staffId, proof);
  return { ok: true, token };
}

/** The proof by a password: no second factor but in the demo, where that counts as shown. */
export function byPassword(): SignInProof {
  return isDemo() ? { by: "password", factor: "demo" } : { by: "password" };
}

/** Remembers a token that was made elsewhere (a WebAuthn challenge, a setup code), and answers until when it is good. */
export async function keepToken<Purpose extends TokenPurpose>(
  tx: Tx,
  purpose: Purpose,
  token: string,
  staffId: string | null,
  data: TokenData[Purpose],
): Promise<Date> {
  return insertToken(tx, {
    tokenDigest: digest(token),
    purpose,
    staffId,
    data,
    seconds: TOKEN_SECONDS[purpose],
  });
}

/** Spends a one-time token; undefined where it is unknown, spent, expired, or of another purpose. */
export async function spendToken<Purpose extends TokenPurpose>(
  tx: Tx,
  purpose: Purpose,
  token: string,
): Promise<TokenRow<Purpose> | undefined> {
  return claimToken(tx, digest(token), purpose);
}
