import "server-only";
import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { open, seal } from "@/lib/platform/keys";

/** A secret as it lies in the database. */
export interface SealedSecret {
  cipher: Uint8Array;
  keyId: string;
}

const secretBytes = 32;

/** Makes a secret, as its receiver is shown it once (Standard Webhooks, "Signature scheme": 24 to 64 bytes). */
export function makeSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString("base64")}`;
}

/** Seals the secret of an endpoint. */
export function sealSecret(secret: string, endpointId: string): SealedSecret {
  return seal("webhook-secret", Buffer.from(secret), endpointId);
}

/** Opens the secret of an endpoint. @throws {Fault} as `open`. */
export function openSecret(sealed: SealedSecret, endpointId: string): string {
  return Buffer.from(open("webhook-secret", sealed, endpointId)).toString();
}

/**
 * What a message is signed with: one signature for each secret, the newest first.
 * @see Standard Webhooks, "Webhook headers"
 */
export function signHeaders(
  message: { id: string; payload: string },
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "Sparekey-Webhooks",
    "webhook-id": message.id,
    "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
    "webhook-signature": secrets
      .map((secret) => new Webhook(secret).sign(message.id, now, message.payload))
      .join(" "),
  };
}
