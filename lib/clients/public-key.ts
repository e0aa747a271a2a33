import "server-only";
import { type CryptoKey, calculateJwkThumbprint, importJWK } from "jose";
import type { LiveClient } from "./store";

/** By which algorithm the owner of a key of this kind signs. */
export function algorithmOf({ publicJwk }: LiveClient): "RS256" | "ES256" {
  return publicJwk?.kty === "EC" ? "ES256" : "RS256";
}

const keys = new WeakMap<LiveClient, Promise<CryptoKey>>();

/** The client's public key, imported once for as long as its row is remembered. */
export function publicKeyOf(client: LiveClient): Promise<CryptoKey> {
  const known = keys.get(client);
  if (known !== undefined) return known;
  const key = importJWK({ ...client.publicJwk }, algorithmOf(client)) as Promise<CryptoKey>;
  keys.set(client, key);
  return key;
}

const thumbprints = new WeakMap<LiveClient, Promise<string>>();

/** What the client's public key goes by (RFC 7638): another as soon as it has another key. */
export function thumbprintOf(client: LiveClient): Promise<string> {
  const known = thumbprints.get(client);
  if (known !== undefined) return known;
  const thumbprint = calculateJwkThumbprint({ ...client.publicJwk });
  thumbprints.set(client, thumbprint);
  return thumbprint;
}
