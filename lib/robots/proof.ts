import "server-only";
import { createChallenge, randomInt, verifySolution } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/pbkdf2";
import { z } from "zod";
import { listKeyIds, mac } from "@/lib/platform/keys";
import { proofSeconds, proofWork } from "./model";

const algorithm = "PBKDF2/SHA-256";

function secretsOf(keyId: string): { hmacSignatureSecret: string; hmacKeySignatureSecret: string } {
  const hex = (name: string) => Buffer.from(mac("proof-of-work", name, keyId)).toString("hex");
  return { hmacSignatureSecret: hex("challenge"), hmacKeySignatureSecret: hex("solution") };
}

/**
 * Makes a riddle that takes a browser about a second and this server nothing to judge: ALTCHA, JSON, signed, good for
 * `purpose` alone and for five minutes.
 */
export async function createRiddle(purpose: string): Promise<string> {
  const [keyId = ""] = listKeyIds();
  const { parameters, signature } = await createChallenge({
    algorithm,
    cost: proofWork.rounds,
    counter: randomInt(proofWork.triesMin, proofWork.triesMax),
    data: { purpose },
    deriveKey,
    expiresAt: Math.floor(Date.now() / 1000) + proofSeconds,
    ...secretsOf(keyId),
  });
  return JSON.stringify({ parameters, signature });
}

const payload = z.object({
  challenge: z.object({
    parameters: z.looseObject({
      algorithm: z.literal(algorithm),
      nonce: z.string().max(64),
      salt: z.string().max(64),
      cost: z.literal(proofWork.rounds),
      keyLength: z.literal(32),
      keyPrefix: z.string().max(64),
      keySignature: z.string().max(128),
      expiresAt: z.number(),
      data: z.object({ purpose: z.string().max(200) }),
    }),
    signature: z.string().max(128),
  }),
  solution: z.object({ counter: z.int().min(0).max(0xffffffff), derivedKey: z.string().max(128) }),
});

/**
 * Judges what a browser says is the solution of one of our riddles for `purpose`.
 * @param text JSON `{ challenge, solution }`, untrusted.
 * @returns by which name the riddle is spent, and until when it may be; undefined for anything else. Never throws.
 */
export async function judgeSolution(
  text: string,
  purpose: string,
): Promise<{ nonce: string; expiresAtSeconds: number } | undefined> {
  const parsed = payload.safeParse(parseJson(text));
  if (!parsed.success || parsed.data.challenge.parameters.data.purpose !== purpose) return undefined;
  const { challenge, solution } = parsed.data;
  for (const keyId of listKeyIds()) {
    const { verified } = await verifySolution({ challenge, solution, deriveKey, ...secretsOf(keyId) });
    if (verified)
      return { nonce: challenge.parameters.nonce, expiresAtSeconds: challenge.parameters.expiresAt };
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
