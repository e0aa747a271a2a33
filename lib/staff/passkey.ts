import "server-only";
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import type { z } from "zod";
import { recordEvent } from "@/lib/audit/record";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import type { Refusal, Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { insertPasskey, listPasskeys, lockPasskey, markPasskeyUsed } from "./factor-store";
import type { passkeyInput, passkeyRegistrationInput } from "./input";
import { type EnteringContext, inNameOf } from "./live-session";
import { refuseRecorded } from "./refusal";
import { mayEnrol, refuseEnrolment } from "./second-factor";
import { keepToken, mintSignIn, spendToken } from "./token";
import type { TokenData } from "./token-store";

type Ceremony = TokenData["webauthn"]["ceremony"];

function relyingParty(): { id: string; name: string; origin: string } {
  const { BASE_URL, SPAREKEY_COMPANY } = getConfig();
  const { hostname, origin } = new URL(BASE_URL);
  return { id: hostname, name: `Sparekey ${SPAREKEY_COMPANY}`, origin };
}

/** The challenge inside a response, whatever it is worth. */
function challengeOf(response: { clientDataJSON?: unknown }): string {
  try {
    const data: unknown = JSON.parse(
      Buffer.from(String(response.clientDataJSON), "base64url").toString("utf8"),
    );
    return String((data as { challenge?: unknown }).challenge);
  } catch {
    return "";
  }
}

/** Spends the challenge of a response: it must be one that we gave for this `ceremony`, to this session if it was given to one. */
async function spendChallenge(
  tx: Tx,
  response: { clientDataJSON?: unknown },
  ceremony: Ceremony,
  sessionId?: string,
): Promise<string | undefined> {
  const challenge = challengeOf(response);
  const spent = await spendToken(tx, "webauthn", challenge);
  return spent?.data.ceremony === ceremony && spent.data.session === sessionId ? challenge : undefined;
}

/**
 * Begins the registration of a passkey for the session's owner.
 * Refusals: `step_up_needed`. @returns what the browser needs, good for 5 min.
 */
export async function beginPasskeyRegistration(
  ctx: EnteringContext,
): Promise<Success<{ options: PublicKeyCredentialCreationOptionsJSON }> | Refusal<"step_up_needed">> {
  return inTransaction(async (tx) => {
    if (!(await mayEnrol(tx, ctx))) return refuseEnrolment(tx, ctx);
    const { staffId, sessionId, email, name } = ctx.session;
    const rp = relyingParty();
    const options = await generateRegistrationOptions({
      rpID: rp.id,
      rpName: rp.name,
      userID: new Uint8Array(Buffer.from(staffId.replaceAll("-", ""), "hex")),
      userName: email,
      userDisplayName: name,
      excludeCredentials: (await listPasskeys(tx, staffId)).map(({ id, transports }) => ({ id, transports })),
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    });
    await keepToken(tx, "webauthn", options.challenge, staffId, { ceremony: "register", session: sessionId });
    return { ok: true, options };
  });
}

/**
 * Adds the passkey that the browser made, which counts as a second factor shown.
 * Refusals: `step_up_needed`, `wrong` (not an answer to our question), `taken` (known already). Audit: `staff.factor-added`.
 * @returns a one-time token for `openSession`.
 */
export async function finishPasskeyRegistration(
  ctx: EnteringContext,
  input: z.output<typeof passkeyRegistrationInput>,
): Promise<Success<{ token: string }> | Refusal<"step_up_needed" | "wrong" | "taken">> {
  return inTransaction(async (tx) => {
    if (!(await mayEnrol(tx, ctx))) return refuseEnrolment(tx, ctx);
    const { staffId, sessionId } = ctx.session;
    const refused = <Reason extends string>(reason: Reason) =>
      refuseRecorded(tx, inNameOf(ctx, ctx.session), "staff.factor-added", reason, staffId);
    const challenge = await spendChallenge(tx, input.response.response, "register", sessionId);
    if (challenge === undefined) return refused("wrong");
    const rp = relyingParty();
    const result = await verifyRegistrationResponse({
      response: input.response as unknown as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserVerification: false,
    }).catch(() => undefined);
    if (!result?.verified) return refused("wrong");
    const { credential } = result.registrationInfo;
    const added = await insertPasskey(tx, {
      id: credential.id,
      staffId,
      publicKey: credential.publicKey,
      counter: credential.counter,
      transports: (credential.transports ?? []).filter((name) => /^[a-z-]{1,20}$/.test(name)).slice(0, 8),
      name: input.name || "Passkey",
    });
    if (!added) return refused("taken");
    await recordEvent(tx, inNameOf(ctx, ctx.session), {
      kind: "staff.factor-added",
      outcome: "ok",
      target: { kind: "staff", id: staffId },
      details: { factor: "passkey" },
    });
    return mintSignIn(tx, staffId, { by: "passkey", factor: "passkey", session: sessionId });
  });
}

/**
 * Begins a sign-in by passkey alone: the browser offers what it has, no name is asked.
 * The authenticator must verify its user (PIN, finger, face), which makes it two factors. Good for 5 min.
 */
export async function beginPasskeySignIn(): Promise<
  Success<{ options: PublicKeyCredentialRequestOptionsJSON }>
> {
  const options = await generateAuthenticationOptions({
    rpID: relyingParty().id,
    userVerification: "required",
  });
  await inTransaction((tx) => keepToken(tx, "webauthn", options.challenge, null, { ceremony: "sign-in" }));
  return { ok: true, options };
}

/** Begins to show a passkey of the session's owner as the second factor. Refusals: `none` (there is none). */
export async function beginPasskeyCheck(
  ctx: EnteringContext,
): Promise<Success<{ options: PublicKeyCredentialRequestOptionsJSON }> | Refusal<"none">> {
  return inTransaction(async (tx) => {
    const { staffId, sessionId } = ctx.session;
    const passkeys = await listPasskeys(tx, staffId);
    if (passkeys.length === 0)
      return refuseRecorded(tx, inNameOf(ctx, ctx.session), "staff.sign-in-failed", "none", staffId);
    const options = await generateAuthenticationOptions({
      rpID: relyingParty().id,
      userVerification: "preferred",
      allowCredentials: passkeys.map(({ id, transports }) => ({ id, transports })),
    });
    await keepToken(tx, "webauthn", options.challenge, staffId, {
      ceremony: "second-factor",
      session: sessionId,
    });
    return { ok: true, options };
  });
}

async function judgeAssertion(
  tx: Tx,
  response: z.output<typeof passkeyInput>["response"],
  ceremony: Exclude<Ceremony, "register">,
  sessionId?: string,
): Promise<string | undefined> {
  const challenge = await spendChallenge(tx, response.response, ceremony, sessionId);
  const passkey = await lockPasskey(tx, response.id);
  if (challenge === undefined || passkey === undefined) return undefined;
  const rp = relyingParty();
  const result = await verifyAuthenticationResponse({
    response: response as unknown as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: rp.origin,
    expectedRPID: rp.id,
    requireUserVerification: ceremony === "sign-in",
    credential: {
      id: passkey.id,
      publicKey: new Uint8Array(passkey.publicKey),
      counter: passkey.counter,
      transports: passkey.transports,
    },
  }).catch(() => undefined);
  if (!result?.verified) return undefined;
  await markPasskeyUsed(tx, passkey.id, result.authenticationInfo.newCounter);
  return passkey.staffId;
}

/**
 * Judges a passkey shown to sign in. A locked account may: who guesses passwords can't keep the owner of a passkey out.
 * Refusals: `wrong`. Audit: `staff.sign-in-failed`. @returns a one-time token for `openSession`.
 */
export async function finishPasskeySignIn(
  ctx: Context,
  { response }: Pick<z.output<typeof passkeyInput>, "response">,
): Promise<Success<{ token: string }> | Refusal<"wrong">> {
  return inTransaction(async (tx) => {
    const staffId = await judgeAssertion(tx, response, "sign-in");
    if (staffId === undefined) return refuseRecorded(tx, ctx, "staff.sign-in-failed", "wrong");
    return mintSignIn(tx, staffId, { by: "passkey", factor: "passkey" });
  });
}

/**
 * Judges a passkey shown as the second factor in a session: it must be its owner's.
 * Refusals: `wrong`. Audit: `staff.sign-in-failed`. @returns a one-time token for `openSession`.
 */
export async function finishPasskeyCheck(
  ctx: EnteringContext,
  { response }: Pick<z.output<typeof passkeyInput>, "response">,
): Promise<Success<{ token: string }> | Refusal<"wrong">> {
  return inTransaction(async (tx) => {
    const { staffId, sessionId } = ctx.session;
    const shownBy = await judgeAssertion(tx, response, "second-factor", sessionId);
    if (shownBy !== staffId)
      return refuseRecorded(tx, inNameOf(ctx, ctx.session), "staff.sign-in-failed", "wrong", staffId);
    return mintSignIn(tx, staffId, { by: "passkey", factor: "passkey", session: sessionId });
  });
}
