import "server-only";
import { clientCacheSeconds } from "./model";
import type { LiveClient } from "./store";

interface Known {
  client: LiveClient;
  readAt: number;
}

const slot = globalThis as { __sparekeyClients?: Map<string, Known> };

/** The clients known to be live a moment ago, by what they call with. At most the few that live: nothing else gets in. */
function known(): Map<string, Known> {
  slot.__sparekeyClients ??= new Map();
  return slot.__sparekeyClients;
}

/**
 * Answers what `read` says about `key`, or said less than `clientCacheSeconds` ago. Only live clients are kept.
 * @param key what the caller presented, as a digest or a public id.
 */
export async function readThrough(
  key: string,
  read: () => Promise<LiveClient | undefined>,
): Promise<LiveClient | undefined> {
  const clients = known();
  const kept = clients.get(key);
  if (kept !== undefined && performance.now() - kept.readAt < clientCacheSeconds * 1000) return kept.client;
  const readAt = performance.now();
  const client = await read();
  if (client === undefined) clients.delete(key);
  else clients.set(key, { client, readAt });
  return client;
}

/** Forgets all clients, those being read at this moment too, so that the next call of each asks the database. */
export function forgetClients(): void {
  slot.__sparekeyClients = new Map();
}
