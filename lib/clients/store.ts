import "server-only";
import { and, count, desc, eq, isNull, sql } from "drizzle-orm";
import { client } from "@/db/schema/clients";
import { staff } from "@/db/schema/staff";
import { textArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { ClientKind, ClientRole, ClientView, ListedClient, OpenidSettings } from "./model";

/** A live client with what its tokens are verified by. */
export interface LiveClient {
  id: string;
  kind: ClientKind;
  name: string;
  role: ClientRole | null;
  scopes: string[];
  callsPerSecond: number;
  publicJwk: Record<string, unknown> | null;
}

const view = {
  id: client.id,
  kind: client.kind,
  name: client.name,
  role: client.role,
  scopes: client.scopes,
  accessId: client.accessId,
  openid: client.openid,
  callsPerSecond: client.callsPerSecond,
  createdAt: client.createdAt,
  createdBy: client.createdBy,
  endedAt: client.endedAt,
  lastUsedAt: client.lastUsedAt,
};

/** Makes whoever else adds a client of `kind` wait until this transaction ends. */
export async function lockKind(tx: Tx, kind: ClientKind): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`client/${kind}`}, 0))`);
}

/** How many clients of `kind` live. */
export async function countLive(tx: Tx, kind: ClientKind): Promise<number> {
  const [row] = await tx
    .select({ n: count() })
    .from(client)
    .where(and(eq(client.kind, kind), isNull(client.endedAt)));
  return row?.n ?? 0;
}

/** Adds a client. */
export async function insertClient(tx: Tx, row: typeof client.$inferInsert): Promise<ClientView> {
  const [made] = await tx.insert(client).values(row).returning(view);
  return made as ClientView;
}

/** The kind of a client that lives. */
export async function findLiveKind(tx: Tx, clientId: string): Promise<ClientKind | undefined> {
  const [row] = await tx
    .select({ kind: client.kind })
    .from(client)
    .where(and(eq(client.id, clientId), isNull(client.endedAt)));
  return row?.kind;
}

/** Puts another credential in the place of the one that a live client has; answers it, or undefined where it is unknown or has ended. */
export async function updateCredential(
  tx: Tx,
  clientId: string,
  kept: { publicJwk?: Record<string, unknown>; secretDigest?: Uint8Array },
): Promise<ClientView | undefined> {
  const [changed] = await tx
    .update(client)
    .set(kept)
    .where(and(eq(client.id, clientId), isNull(client.endedAt)))
    .returning(view);
  return changed;
}

/** Ends a client that lives; answers it, or undefined where it is unknown or has ended before. */
export async function updateEnded(tx: Tx, clientId: string): Promise<ClientView | undefined> {
  const [ended] = await tx
    .update(client)
    .set({ endedAt: sql`now()` })
    .where(and(eq(client.id, clientId), isNull(client.endedAt)))
    .returning(view);
  return ended;
}

/** All clients, the newest first, with the names of the staff who made them. */
export async function selectClients(tx: Tx): Promise<ListedClient[]> {
  return tx
    .select({ ...view, creatorName: staff.name })
    .from(client)
    .leftJoin(staff, sql`${staff.id}::text = ${client.createdBy}`)
    .orderBy(desc(client.createdAt), client.id);
}

/** What a caller goes by: the public id of its key, or the SHA-256 of its secret in hex. */
export type Presented =
  | { kind: "legacy_key" | "oauth"; accessId: string }
  | { kind: "client_key" | "scim"; digest: string };

/** What is presented, as one text. */
export function toKey(presented: Presented): string {
  return `${presented.kind}/${"digest" in presented ? presented.digest : presented.accessId}`;
}

/** The live clients that go by what was presented, by `toKey` of it; notes that they were used, once a minute. */
export async function selectLive(tx: Tx, asked: readonly Presented[]): Promise<Map<string, LiveClient>> {
  const possible = asked.filter((each) => "digest" in each || !each.accessId.includes("\0"));
  const texts = (read: (each: Presented) => string | null) => textArray(possible.map(read));
  const rows = await tx.execute<LiveClient & { presented: string } & Record<string, unknown>>(sql`
    with asked as (
      select kind, access_id, decode(digest, 'hex') as digest from unnest(${texts(({ kind }) => kind)},
        ${texts((each) => ("accessId" in each ? each.accessId : null))}, ${texts((each) => ("digest" in each ? each.digest : null))}
      ) a (kind, access_id, digest)
      group by 1, 2, 3
    ), found as (
      select c.* from asked a join client c on c.kind = a.kind and (c.access_id = a.access_id or c.secret_digest = a.digest)
      where c.ended_at is null
    ), noted as (
      update client set last_used_at = now() where id in (
        select c.id from client c join found f on f.id = c.id
        where f.last_used_at is null or f.last_used_at < now() - interval '1 minute' for update of c skip locked
      )
    )
    select kind || '/' || coalesce(access_id, encode(secret_digest, 'hex')) as presented, id, kind, name, role, scopes,
      calls_per_second as "callsPerSecond", public_jwk as "publicJwk" from found`);
  return new Map(rows.map(({ presented, ...client }) => [presented, client]));
}

/** A live client that signs people in, as its requests are judged. */
export interface LiveOpenidClient {
  id: string;
  name: string;
  clientId: string;
  /** null: it has no secret, as Entra. */
  secretDigest: Uint8Array | null;
  settings: OpenidSettings;
  callsPerSecond: number;
}

/** The live client that signs people in and goes by `accessId`; notes that it was used, once a minute. */
export async function findOpenid(tx: Tx, accessId: string): Promise<LiveOpenidClient | undefined> {
  const [found] = await tx.execute<{
    id: string;
    name: string;
    digest: Buffer | null;
    settings: OpenidSettings;
    calls: number;
  }>(sql`
    with found as (
      select id, name, secret_digest as digest, openid as settings, calls_per_second as calls, last_used_at from client
      where kind in ('openid', 'entra') and access_id = ${accessId} and ended_at is null
    ), noted as (
      update client set last_used_at = now() from found
      where client.id = found.id and (found.last_used_at is null or found.last_used_at < now() - interval '1 minute')
    )
    select id, name, digest, settings, calls from found`);
  return (
    found && {
      id: found.id,
      name: found.name,
      clientId: accessId,
      secretDigest: found.digest,
      settings: found.settings,
      callsPerSecond: found.calls,
    }
  );
}
