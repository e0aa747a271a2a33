import "server-only";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { findLiveClient } from "./cache";
import type { AuthenticatedClient } from "./model";
import { recordRefusedClient } from "./refused";

const secretLengthMax = 200;

/** Whose a secret is, or why it opens nothing. */
export type SecretResult = Success<{ client: AuthenticatedClient }> | Refusal<"missing" | "unknown_key">;

/**
 * Verifies the key that a relying system calls the Authentication API with. The door answers all refusals alike.
 *
 * Looked up by its SHA-256, so that neither the database nor the time it takes tells anything of a key. A live key is
 * remembered for `clientCacheSeconds`: an ended one works that long at most, in the process that ended it not at all.
 *
 * @param origin where the call came from; its actor is nobody yet.
 * @param key the `client-key` header, untrusted.
 * Refuses `missing` (none, or longer than any is) and `unknown_key` (never made, or ended).
 * Records `client.refused` for a refusal.
 * @see rest, 2
 */
export async function authenticateClientKey(origin: Context, key: string | undefined): Promise<SecretResult> {
  return authenticateSecret(origin, "client_key", key);
}

/**
 * Verifies the bearer token that a directory brings people in with, looked up and remembered as `authenticateClientKey` does a key.
 *
 * @param origin where the call came from; its actor is nobody yet.
 * @param token what stood after `Bearer`, untrusted.
 * Refuses `missing` (none, or longer than any is) and `unknown_key` (never made, or ended): the door says which of the two.
 * Records `client.refused` for a refusal.
 * @see RFC 7644, 2
 */
export async function authenticateScimToken(
  origin: Context,
  token: string | undefined,
): Promise<SecretResult> {
  return authenticateSecret(origin, "scim", token);
}

async function authenticateSecret(
  origin: Context,
  kind: "client_key" | "scim",
  secret: string | undefined,
): Promise<SecretResult> {
  if (secret === undefined || secret === "" || secret.length > secretLengthMax)
    return recordRefusedClient(origin, kind, refuse("missing"));
  const client = await findLiveClient({ kind, digest: Buffer.from(digest(secret)).toString("hex") });
  return client === undefined
    ? recordRefusedClient(origin, kind, refuse("unknown_key"))
    : { ok: true, client };
}
