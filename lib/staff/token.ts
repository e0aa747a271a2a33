import "server-only";
import { digest, randomToken } from "@/lib/platform/keys";
import type { Tx } from "@/lib/platform/transaction";
import { claimToken, insertToken, type TokenPurpose, type TokenRow } from "./token-store";

/** How long each kind of one-time token lives, in seconds. */
const TOKEN_SECONDS: Readonly<Record<TokenPurpose, number>> = {
  setup: 24 * 60 * 60,
  invite: 3 * 24 * 60 * 60,
  password_reset: 60 * 60,
  sign_in: 60,
  webauthn: 5 * 60,
};

/** Makes a one-time token of 256 random bits; only its digest is stored. */
export async function mintToken(
  tx: Tx,
  purpose: TokenPurpose,
  staffId: string | null,
  data: Record<string, string> = {},
): Promise<{ token: string; expiresAt: Date }> {
  const token = randomToken();
  return { token, expiresAt: await keepToken(tx, purpose, token, staffId, data) };
}

/** Remembers a token that was made elsewhere (a WebAuthn challenge, a setup code), and answers until when it is good. */
export async function keepToken(
  tx: Tx,
  purpose: TokenPurpose,
  token: string,
  staffId: string | null,
  data: Record<string, string> = {},
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
export async function spendToken(
  tx: Tx,
  purpose: TokenPurpose,
  token: string,
): Promise<TokenRow | undefined> {
  return claimToken(tx, digest(token), purpose);
}
