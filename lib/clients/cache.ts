import "server-only";
import { processWide } from "@/lib/platform/process-wide";
import { askAbout } from "./ask-about";
import { clientCacheSeconds } from "./model";
import { type LiveClient, type Presented, toKey } from "./store";

interface Known {
  client: LiveClient;
  readAt: number;
}

/** The clients known to be live a moment ago, by what they call with. At most the few that live: nothing else gets in. */
const known = processWide("clients", () => ({ clients: new Map<string, Known>() }));

/**
 * Finds the live client that goes by what a caller presented, as the database says now or said less than `clientCacheSeconds`
 * ago. Only live clients are kept, so that a stranger is always asked about (`askAbout`).
 */
export async function findLiveClient(presented: Presented): Promise<LiveClient | undefined> {
  const { clients } = known;
  const key = toKey(presented);
  const kept = clients.get(key);
  if (kept !== undefined && performance.now() - kept.readAt < clientCacheSeconds * 1000) return kept.client;
  const readAt = performance.now();
  const client = await askAbout(presented);
  if (client === undefined) clients.delete(key);
  else clients.set(key, { client, readAt });
  return client;
}

/** Forgets all clients, those being read at this moment too, so that the next call of each asks the database. */
export function forgetClients(): void {
  known.clients = new Map();
}
