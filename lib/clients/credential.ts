import "server-only";
import { randomUUID } from "node:crypto";
import { calculateJwkThumbprint, exportJWK } from "jose";
import { getConfig } from "@/lib/platform/config";
import { makeKeyPair } from "@/lib/platform/key-pair";
import { digest, randomToken } from "@/lib/platform/keys";
import type { Refusal, Success } from "@/lib/platform/outcome";
import type { GivenPublicKey } from "./input";
import {
  adminRestApiUrl,
  type ClientKind,
  type ClientView,
  type KeyFile,
  type OpenidClientFile,
  openidIssuer,
  type PrivateJwkFile,
} from "./model";
import { type PublicKeyRefusal, readPublicKey } from "./read-public-key";

/** What a client calls with, made just now: the only time that it can be read. */
export type ClientSecret =
  | { kind: "legacy_key"; keyFile: KeyFile }
  | { kind: "client_key"; clientKey: string }
  | { kind: "scim"; token: string }
  /** null: the owner brought a public key, and has the private one. */
  | { kind: "oauth"; privateJwk: PrivateJwkFile | null }
  | { kind: "openid"; clientFile: OpenidClientFile }
  /** Nothing secret: what is typed into Entra. */
  | { kind: "entra"; clientId: string; discoveryUrl: string };

/** What the server keeps of a credential, and what its owner is handed. */
export interface Credential {
  kept: { publicJwk: Record<string, unknown> } | { secretDigest: Uint8Array } | Record<string, never>;
  toSecret(client: ClientView): ClientSecret;
}

/** What a client of each kind proves itself with, made anew. */
const makers: Readonly<Record<ClientKind, () => Promise<Credential>>> = {
  async legacy_key() {
    const { publicKey, privateKey } = await makeKeyPair("rsa");
    return {
      kept: { publicJwk: { ...(await exportJWK(publicKey)) } },
      toSecret: ({ name, accessId }) => ({
        kind: "legacy_key",
        keyFile: {
          customerName: getConfig().SPAREKEY_COMPANY,
          accessID: accessId ?? "",
          accessKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
          adminRestApiUrl: adminRestApiUrl(getConfig().BASE_URL),
          description: name,
        },
      }),
    };
  },
  async client_key() {
    const clientKey = randomToken();
    return {
      kept: { secretDigest: digest(clientKey) },
      toSecret: () => ({ kind: "client_key", clientKey }),
    };
  },
  async scim() {
    const token = randomToken();
    return { kept: { secretDigest: digest(token) }, toSecret: () => ({ kind: "scim", token }) };
  },
  async oauth() {
    const { publicKey, privateKey } = await makeKeyPair("p256");
    const jwk = await exportJWK(publicKey);
    const named = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "ES256" };
    const { d } = await exportJWK(privateKey);
    return {
      kept: { publicJwk: named },
      toSecret: ({ accessId }) => ({
        kind: "oauth",
        privateJwk: { ...named, d: String(d), client_id: accessId ?? "" },
      }),
    };
  },
  async openid() {
    const secret = randomToken();
    return {
      kept: { secretDigest: digest(secret) },
      toSecret: ({ accessId, openid }) => ({
        kind: "openid",
        clientFile: {
          issuer: openidIssuer(getConfig().BASE_URL),
          client_id: accessId ?? "",
          client_secret: secret,
          redirect_uris: openid?.redirectUris ?? [],
        },
      }),
    };
  },
  async entra() {
    return {
      kept: {},
      toSecret: ({ accessId }) => ({
        kind: "entra",
        clientId: accessId ?? "",
        discoveryUrl: `${openidIssuer(getConfig().BASE_URL)}/.well-known/openid-configuration`,
      }),
    };
  },
};

/** A public id for a new client of `kind`, or null where the secret alone says who calls. */
export function makeAccessId(kind: ClientKind): string | null {
  return kind === "client_key" || kind === "scim" ? null : randomUUID();
}

/**
 * Makes what a client of `kind` proves itself with, or takes the public key that its owner brought.
 * @param brought of an OAuth client alone; undefined: a key pair is made.
 * @returns refusals as `readPublicKey`.
 */
export async function makeCredential(
  kind: ClientKind,
  brought: GivenPublicKey | undefined,
): Promise<Success<{ credential: Credential }> | Refusal<PublicKeyRefusal>> {
  if (brought === undefined) return { ok: true, credential: await makers[kind]() };
  const read = readPublicKey(brought);
  if (!read.ok) return read;
  const credential: Credential = {
    kept: { publicJwk: read.publicJwk },
    toSecret: () => ({ kind: "oauth", privateJwk: null }),
  };
  return { ok: true, credential };
}
