import "server-only";
import { and, asc, count, eq, isNotNull, isNull, lt, sql } from "drizzle-orm";
import { webhookEndpoint, webhookMessage } from "@/db/schema/outgoing";
import { staff } from "@/db/schema/staff";
import type { Tx } from "@/lib/platform/transaction";
import type { DisabledReason, EndpointView, EventType } from "./model";
import type { SealedSecret } from "./secret";

const isLive = isNull(webhookEndpoint.endedAt);

/** Makes whoever else adds an endpoint wait until this transaction ends. */
export async function lockEndpoints(tx: Tx): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('webhook-endpoint', 0))`);
}

/** How many endpoints live. */
export async function countLive(tx: Tx): Promise<number> {
  const [row] = await tx.select({ n: count() }).from(webhookEndpoint).where(isLive);
  return row?.n ?? 0;
}

/** Adds an endpoint. */
export async function insertEndpoint(
  tx: Tx,
  endpoint: { id: string; url: string; description: string; eventTypes: EventType[]; createdBy: string },
  { cipher, keyId }: SealedSecret,
): Promise<void> {
  await tx.insert(webhookEndpoint).values({ ...endpoint, secretCipher: cipher, secretKeyId: keyId });
}

/** Gives a live endpoint another address, description and list of events. @returns whether it lives. */
export async function updateEndpoint(
  tx: Tx,
  endpointId: string,
  to: { url: string; description: string; eventTypes: EventType[] },
): Promise<boolean> {
  return changeLive(tx, endpointId, to);
}

/** Puts another secret in the place of the one that a live endpoint has, which goes on for `overlapSeconds`. */
export async function updateSecret(
  tx: Tx,
  endpointId: string,
  { cipher, keyId }: SealedSecret,
  overlapSeconds: number,
): Promise<boolean> {
  return changeLive(tx, endpointId, {
    secretCipher: cipher,
    secretKeyId: keyId,
    previousCipher: sql`secret_cipher`,
    previousKeyId: sql`secret_key_id`,
    previousUntil: sql`now() + make_interval(secs => ${overlapSeconds}::float8)`,
  });
}

/** Lets nothing more be sent to a live endpoint that is enabled. @returns whether it was. */
export async function updateDisabled(tx: Tx, endpointId: string, reason: DisabledReason): Promise<boolean> {
  const rows = await tx
    .update(webhookEndpoint)
    .set({ disabledAt: sql`now()`, disabledReason: reason })
    .where(and(eq(webhookEndpoint.id, endpointId), isLive, isNull(webhookEndpoint.disabledAt)))
    .returning({ id: webhookEndpoint.id });
  return rows.length > 0;
}

/** Lets messages be sent again to a live endpoint that is disabled. @returns whether it was. */
export async function updateEnabled(tx: Tx, endpointId: string): Promise<boolean> {
  const rows = await tx
    .update(webhookEndpoint)
    .set({ disabledAt: null, disabledReason: null, failingSince: null })
    .where(and(eq(webhookEndpoint.id, endpointId), isLive, isNotNull(webhookEndpoint.disabledAt)))
    .returning({ id: webhookEndpoint.id });
  return rows.length > 0;
}

/** Ends a live endpoint: its secrets are gone, and what waits for it is dead. @returns whether it lived. */
export async function endLive(tx: Tx, endpointId: string): Promise<boolean> {
  const isEnded = await changeLive(tx, endpointId, {
    endedAt: sql`now()`,
    secretCipher: null,
    secretKeyId: null,
    previousCipher: null,
    previousKeyId: null,
    previousUntil: null,
  });
  if (isEnded)
    await tx
      .update(webhookMessage)
      .set({ state: "dead", endedAt: sql`now()`, claimedUntil: null })
      .where(and(eq(webhookMessage.endpointId, endpointId), eq(webhookMessage.state, "waiting")));
  return isEnded;
}

async function changeLive(
  tx: Tx,
  endpointId: string,
  to: Parameters<ReturnType<typeof tx.update<typeof webhookEndpoint>>["set"]>[0],
): Promise<boolean> {
  const rows = await tx
    .update(webhookEndpoint)
    .set(to)
    .where(and(eq(webhookEndpoint.id, endpointId), isLive))
    .returning({ id: webhookEndpoint.id });
  return rows.length > 0;
}

/** Whether an endpoint lives, and whether it takes messages; undefined: it never was, or has ended. */
export async function findLive(tx: Tx, endpointId: string): Promise<{ isEnabled: boolean } | undefined> {
  const [row] = await tx
    .select({ disabledAt: webhookEndpoint.disabledAt })
    .from(webhookEndpoint)
    .where(and(eq(webhookEndpoint.id, endpointId), isLive));
  return row && { isEnabled: row.disabledAt === null };
}

/** Notes that a message was taken; at most once in ten seconds, so that many at once don't wait for each other. */
export async function noteDelivered(tx: Tx, endpointId: string): Promise<void> {
  await tx.execute(sql`
    update webhook_endpoint set failing_since = null, last_delivered_at = now() where id = ${endpointId}::uuid
      and (failing_since is not null or last_delivered_at is null or last_delivered_at < now() - interval '10 seconds')`);
}

/** Notes that a message was not taken. @returns for how many seconds now none was. */
export async function noteFailed(tx: Tx, endpointId: string): Promise<number> {
  const [row] = await tx.execute<{ seconds: number }>(sql`
    update webhook_endpoint set failing_since = coalesce(failing_since, now()) where id = ${endpointId}::uuid
    returning extract(epoch from now() - failing_since)::float8 as seconds`);
  return row?.seconds ?? 0;
}

/** Every endpoint, those that live first, with what waits for it and what it never took. */
export async function selectEndpoints(tx: Tx): Promise<EndpointView[]> {
  const messages = (state: string) =>
    sql<number>`(select count(*)::int from webhook_message m where m.endpoint_id = ${webhookEndpoint.id} and m.state = ${sql.raw(`'${state}'`)})`;
  const rows = await tx
    .select({
      id: webhookEndpoint.id,
      url: webhookEndpoint.url,
      description: webhookEndpoint.description,
      eventTypes: webhookEndpoint.eventTypes,
      createdAt: webhookEndpoint.createdAt,
      creatorName: staff.name,
      disabledAt: webhookEndpoint.disabledAt,
      disabledReason: webhookEndpoint.disabledReason,
      endedAt: webhookEndpoint.endedAt,
      failingSince: webhookEndpoint.failingSince,
      lastDeliveredAt: webhookEndpoint.lastDeliveredAt,
      previousUntil: webhookEndpoint.previousUntil,
      waiting: messages("waiting"),
      dead: messages("dead"),
    })
    .from(webhookEndpoint)
    .leftJoin(staff, sql`${staff.id}::text = ${webhookEndpoint.createdBy}`)
    .orderBy(asc(sql`${webhookEndpoint.endedAt} is not null`), asc(webhookEndpoint.createdAt));
  return rows.map((row) => ({ ...row, eventTypes: row.eventTypes as EventType[] }));
}

/** Forgets the earlier secrets whose time is over. */
export async function forgetPrevious(tx: Tx): Promise<void> {
  await tx
    .update(webhookEndpoint)
    .set({ previousCipher: null, previousKeyId: null, previousUntil: null })
    .where(lt(webhookEndpoint.previousUntil, sql`now()`));
}
