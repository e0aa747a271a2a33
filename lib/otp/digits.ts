import "server-only";
import { createHmac, randomInt } from "node:crypto";
import type { Channel } from "@/lib/delivery/model";
import { currentKeyId, listKeyIds, mac } from "@/lib/platform/keys";
import { digitsCount } from "./model";

/** Draws six uniformly random digits (access-code, "OTP by SMS or voice"; ASVS 6.5.1). */
export function drawDigits(): string {
  return String(randomInt(0, 10 ** digitsCount)).padStart(digitsCount, "0");
}

const blockBytes = 64;

/** HMAC-SHA-256 under the server key over whose digits they are: the key of the HMAC over the challenge's id. */
function personalKey(userId: string, channel: Channel, digits: string, keyId: string): Uint8Array {
  return mac("otp", `${userId}\0${channel}\0${digits}`, keyId);
}

/**
 * What is stored in place of `digits`: HMAC-SHA-256 under the server key, the challenge's id mixed in as the message of a
 * second HMAC under the first one's result.
 */
export function toCodeHmac(
  challenge: { id: string; userId: string; channel: Channel },
  digits: string,
): { codeHmac: Uint8Array; keyId: string } {
  const keyId = currentKeyId();
  const key = personalKey(challenge.userId, challenge.channel, digits, keyId);
  const id = Buffer.from(challenge.id.replaceAll("-", ""), "hex");
  return { codeHmac: createHmac("sha256", key).update(id).digest(), keyId };
}

/** With which the database finishes an HMAC over a challenge id, without a key of ours. */
export interface Proof {
  channel: Channel;
  keyId: string;
  innerPad: Uint8Array;
  outerPad: Uint8Array;
}

/**
 * What `digits` prove, for every master key at hand: the padded keys of the second HMAC. The database finishes it with two
 * SHA-256 over the id of each challenge in question, so that one statement reads, judges and spends. Good for this user
 * and these channels only, and worth nothing without the digits.
 */
export function listProofs(userId: string | null, channels: readonly Channel[], digits: string): Proof[] {
  return channels.flatMap((channel) =>
    listKeyIds().map((keyId) => {
      const key = Buffer.alloc(blockBytes);
      key.set(personalKey(userId ?? "", channel, digits, keyId));
      const [innerPad, outerPad] = [key.map((byte) => byte ^ 0x36), key.map((byte) => byte ^ 0x5c)];
      return { channel, keyId, innerPad, outerPad };
    }),
  );
}
