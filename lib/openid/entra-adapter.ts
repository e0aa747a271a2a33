import "server-only";
import { createRemoteJWKSet, customFetch } from "jose";
import { z } from "zod";
import type { EntraTenant } from "@/lib/clients/model";
import { Fault } from "@/lib/platform/outcome";

const timeoutMilliseconds = 5_000;
const bytesMax = 512 * 1024;
const keptMilliseconds = 3_600_000;
/** Who signs by a key that nobody knows makes us ask for it no more often than this. */
const askAgainMilliseconds = 30_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** What Entra says of itself. */
interface EntraMetadata {
  issuer: string;
  keys: KeySet;
}

const document = z.object({ issuer: z.string().max(300), jwks_uri: z.url().max(500) });

/** Fetches from Entra alone, for a while and so much; where it leads elsewhere we don't go. @throws where there is no answer to use. */
async function fetchBounded(url: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, {
    ...init,
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > bytesMax) throw new Fault("what Entra says of itself is too long");
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: answer.status, headers: answer.headers });
}

async function fetchMetadata({ discoveryUrl, tenantId }: EntraTenant): Promise<EntraMetadata> {
  const answer = await fetchBounded(discoveryUrl);
  if (answer.status !== 200) throw new Fault(`Entra answers ${answer.status} where it says who it is`);
  const { issuer, jwks_uri } = document.parse(await answer.json());
  const keysUrl = new URL(jwks_uri);
  if (keysUrl.origin !== new URL(discoveryUrl).origin) throw new Fault("Entra's keys are not where it is");
  const keys = createRemoteJWKSet(keysUrl, {
    [customFetch]: fetchBounded,
    timeoutDuration: timeoutMilliseconds,
    cooldownDuration: askAgainMilliseconds,
    cacheMaxAge: keptMilliseconds,
  });
  return { issuer: issuer.replace("{tenantid}", tenantId), keys };
}

interface Known {
  metadata: EntraMetadata;
  readAt: number;
}
const known = new Map<string, Known>();
const asking = new Map<string, Promise<EntraMetadata>>();

async function ask(name: string, tenant: EntraTenant): Promise<EntraMetadata> {
  try {
    const metadata = await fetchMetadata(tenant);
    known.set(name, { metadata, readAt: performance.now() });
    return metadata;
  } finally {
    asking.delete(name);
  }
}

/**
 * Reads who signs for a tenant: fetched where it says so, by one request for all who wait, kept for an hour; beyond that where it can't
 * be fetched anew.
 * @throws where it was never fetched and can't be now.
 */
export async function readEntraMetadata(tenant: EntraTenant): Promise<EntraMetadata> {
  const name = `${tenant.tenantId} ${tenant.discoveryUrl}`;
  const kept = known.get(name);
  if (kept !== undefined && performance.now() - kept.readAt < keptMilliseconds) return kept.metadata;
  const asked = asking.get(name) ?? ask(name, tenant);
  asking.set(name, asked);
  try {
    return await asked;
  } catch (error) {
    if (kept === undefined) throw error;
    return kept.metadata;
  }
}
