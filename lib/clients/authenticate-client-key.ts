import "server-only";
import type { Context } from "@/lib/platform/context";
import { digest } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { findLiveClient } from "./cache";
import type { AuthenticatedClient } from "./model";
import { recordRefusedClient } from "./refused";

const keyLengthMax = 200;

/** Who a client key belongs to, or why it opens nothing. The door answers all refusals alike. */
export type ClientKeyResult = Success<{ client: AuthenticatedClient }> | Refusal<"missing" | "unknown_key">;

/**
 * Verifies the key that a relying system calls the Authentication API with.
 *
 * Looked up by its SHA-256, so that neither the database nor the time it takes tells anything of a key. A live key is
 * remembered for `clientCacheSeconds`: an ended one works that long at most, in the process that ended it not at all.
 *
 * @param origin where the call came from; its actor is nobody yet.
 * @param key the `client-key` header, untrusted.
 * Refuses `missing` and `unknown_key` (never made, or ended).
 * Records `client.refused` for a refusal.
 * @see rest, 2
 */
export async function authenticateClientKey(
  origin: Context,
  key: string | undefined,
): Promise<ClientKeyResult> {
  return authenticateSecret(origin, "client_key", key);
}

/**
 * Verifies the bearer token that a directory brings people in with, as `authenticateClientKey` does a client key.
 *
 * @param token what stood after `Bearer`, untrusted.
 * @see RFC 7644, 2
 */
export async function authenticateScimToken(
  origin: Context,
  token: string | undefined,
): Promise<ClientKeyResult> {
  return authenticateSecret(origin, "scim", token);
}

async function authenticateSecret(
  origin: Context,
  kind: "client_key" | "scim",
  key: string | undefined,
): Promise<ClientKeyResult> {
  if (key === undefined || key === "" || key.length > keyLengthMax)
    return recordRefusedClient(origin, kind, refuse("missing"));
  const client = await findLiveClient({ kind, digest: Buffer.from(digest(key)).toString("hex") });
  return client === undefined
    ? recordRefusedClient(origin, kind, refuse("unknown_key"))
    : { ok: true, client };
}
