import "server-only";
import { inStatement } from "@/lib/platform/transaction";
import { findOpenid, type LiveOpenidClient } from "./store";

const idPattern = /^[\w-]{1,64}$/;

/**
 * Finds the application, or the Entra tenant, that a request names as its `client_id`; undefined where none of that id lives. Asks the
 * database each time: one that has ended signs nobody in from that moment on, at any instance.
 */
export async function findOpenidClient(clientId: string): Promise<LiveOpenidClient | undefined> {
  return idPattern.test(clientId) ? inStatement((tx) => findOpenid(tx, clientId)) : undefined;
}
