import "server-only";
import { and, asc, desc, eq, gte, sql } from "drizzle-orm";
import { webhookAttempt, webhookEndpoint, webhookMessage } from "@/db/schema/outgoing";
import { enqueueCall } from "@/lib/platform/jobs-store";
import { iso8601 } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { ListMessagesInput } from "./input";
import type { Answer, AttemptView, MessageType, MessageView } from "./model";
import type { EventFacts } from "./payload";

/** A message that its holder, and nobody else, sends now. */
export interface Claimed extends Record<string, unknown> {
  id: string;
  eventId: number;
  type: MessageType;
  payload: string | null;
  /** The number of this time. */
  sends: number;
  failures: number;
}

/** Where a claimed message goes, and what it is signed with. */
export interface Destination extends Record<string, unknown> {
  url: string;
  cipher: Uint8Array;
  keyId: string;
  previousCipher: Uint8Array | null;
  previousKeyId: string | null;
}

/**
 * Reads where the messages of an endpoint go, and makes whoever else would claim one wait until this transaction ends.
 * Who writes an event meanwhile doesn't wait.
 * @returns undefined: none is to be sent.
 */
export async function lockDestination(tx: Tx, endpointId: string): Promise<Destination | undefined> {
  const [row] = await tx.execute<Destination>(sql`
    select url, secret_cipher as cipher, secret_key_id as "keyId",
      case when previous_until > now() then previous_cipher end as "previousCipher",
      case when previous_until > now() then previous_key_id end as "previousKeyId"
    from webhook_endpoint where id = ${endpointId}::uuid and ended_at is null and disabled_at is null
    for no key update`);
  return row;
}

/**
 * Claims the message of an endpoint that has been due for longest, where fewer than `atOnceMax` are under way; for who has locked it.
 * A claim older than `claimSeconds` is a dead worker's, and its message is due. When it is due is kept to the millisecond, rounded, so it
 * counts as due a millisecond before.
 */
export async function claimMessage(
  tx: Tx,
  endpointId: string,
  { atOnceMax, claimSeconds }: { atOnceMax: number; claimSeconds: number },
): Promise<Claimed | undefined> {
  const [row] = await tx.execute<Claimed>(sql`
    with due as (
      select id from webhook_message
      where endpoint_id = ${endpointId}::uuid and state = 'waiting' and due_at < now() + interval '1 millisecond' and (claimed_until is null or claimed_until <= now())
        and (select count(*) from webhook_message
          where endpoint_id = ${endpointId}::uuid and state = 'waiting' and claimed_until > now()) < ${atOnceMax}::int
      order by due_at limit 1 for update
    )
    update webhook_message m set sends = sends + 1, claimed_until = now() + make_interval(secs => ${claimSeconds}::float8)
    from due where m.id = due.id
    returning m.id, m.event_id::float8 as "eventId", m.type, m.payload, m.sends, m.failures`);
  return row;
}

/** What an event was about. */
export async function readFacts(tx: Tx, eventId: number): Promise<EventFacts | undefined> {
  const [row] = await tx.execute<EventFacts & Record<string, unknown>>(sql`
    select e.id::float8 as "eventId", ${iso8601`e.at`} as at, e.reason, e.actor_kind as "actorKind", e.actor_id as "actorId",
      e.target_id as "targetId", e.details,
      case when u.id is not null then json_build_object('id', u.id, 'login', u.login) end as user,
      case when g.id is not null then json_build_object('id', g.id, 'method', g.method, 'reason', g.reason, 'ticket', g.ticket,
        'startsAt', ${iso8601`g.starts_at`}, 'expiresAt', ${iso8601`g.expires_at`}, 'usesMax', g.uses_max) end as grant,
      case when d.id is not null then json_build_object('id', d.id, 'channel', d.channel, 'purpose', d.purpose) end as delivery,
      case when m.id is not null then json_build_object('id', m.id, 'name', m.name) end as machine
    from audit_event e
      left join delivery d on d.id = case when e.target_kind = 'delivery' then e.target_id::uuid end
      left join machine m on m.id = case when e.target_kind = 'machine' then e.target_id::uuid end
      left join users u on u.id = coalesce(e.user_id, d.user_id)
      left join grants g on g.id = coalesce(e.grant_id, d.grant_id)
    where e.id = ${eventId}`);
  return row;
}

/** Keeps the body of a message: it is the same each time. */
export async function keepPayload(tx: Tx, messageId: string, payload: string): Promise<void> {
  await tx.update(webhookMessage).set({ payload }).where(eq(webhookMessage.id, messageId));
}

/** Ends a message as delivered, whoever holds it by now. */
export async function markDelivered(tx: Tx, messageId: string): Promise<void> {
  await tx
    .update(webhookMessage)
    .set({ state: "delivered", endedAt: sql`now()`, claimedUntil: null })
    .where(and(eq(webhookMessage.id, messageId), eq(webhookMessage.state, "waiting")));
}

/** Puts a message that was not taken back for later; or null: it is dead. @returns when it is due; for its holder alone. */
export async function markFailed(
  tx: Tx,
  { id, sends }: Claimed,
  to: { waitSeconds: number; counts: boolean } | null,
): Promise<{ dueAt: Date | null } | undefined> {
  const [row] = await tx
    .update(webhookMessage)
    .set({
      claimedUntil: null,
      ...(to === null || to.counts ? { failures: sql`${webhookMessage.failures} + 1` } : {}),
      ...(to === null
        ? { state: "dead", endedAt: sql`now()` }
        : { dueAt: sql`now() + make_interval(secs => ${to.waitSeconds}::float8)` }),
    })
    .where(
      and(eq(webhookMessage.id, id), eq(webhookMessage.sends, sends), eq(webhookMessage.state, "waiting")),
    )
    .returning({ dueAt: webhookMessage.dueAt });
  return row && { dueAt: to === null ? null : row.dueAt };
}

/** Keeps what came back when a message was sent. */
export async function insertAttempt(
  tx: Tx,
  attempt: { messageId: string; number: number; tookMs: number; nextAt: Date | null },
  answer: Answer,
): Promise<void> {
  await tx.insert(webhookAttempt).values({
    ...attempt,
    ...("status" in answer
      ? { status: answer.status, excerpt: answer.excerpt }
      : { failure: answer.failure }),
  });
}

/** Has the messages of an endpoint sent by a job: `dueSeconds` from now. `key` is the message's, or the endpoint's own. */
const sendCall = (endpointId: string, key: string, delaySeconds = 0) =>
  enqueueCall({ task: "send-webhooks", payload: { endpointId }, key: `webhook/${key}`, delaySeconds });

/** Has a message sent again `delaySeconds` from now. */
export async function enqueueMessage(
  tx: Tx,
  endpointId: string,
  messageId: string,
  delaySeconds: number,
): Promise<void> {
  await tx.execute(sql`select ${sendCall(endpointId, messageId, delaySeconds)}`);
}

/** Has whatever is due to an endpoint sent now, by as many as may send to it. */
export async function wakeEndpoint(tx: Tx, endpointId: string, atOnceMax: number): Promise<void> {
  for (let lane = 1; lane <= atOnceMax; lane += 1)
    await tx.execute(sql`select ${sendCall(endpointId, `${endpointId}/${lane}`)}`);
}

/** The endpoints that have messages which should have been sent a while ago: their workers died, or missed them. */
export async function listOverdue(tx: Tx, seconds: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select e.id from webhook_endpoint e where e.ended_at is null and e.disabled_at is null and exists (
      select from webhook_message m where m.endpoint_id = e.id and m.state = 'waiting'
        and m.due_at < now() - make_interval(secs => ${seconds}::float8) and (m.claimed_until is null or m.claimed_until < now()))`);
  return rows.map(({ id }) => id);
}

/** A message as far as it can be sent again. */
export interface Replayable {
  endpointId: string;
  state: MessageView["state"];
  hasEnded: boolean;
}

/** Reads whose message it is, and locks it until the transaction ends. */
export async function lockMessage(tx: Tx, messageId: string): Promise<Replayable | undefined> {
  const [row] = await tx
    .select({
      endpointId: webhookMessage.endpointId,
      state: webhookMessage.state,
      endedAt: webhookEndpoint.endedAt,
    })
    .from(webhookMessage)
    .innerJoin(webhookEndpoint, eq(webhookEndpoint.id, webhookMessage.endpointId))
    .where(eq(webhookMessage.id, messageId))
    .for("update", { of: webhookMessage });
  return row && { endpointId: row.endpointId, state: row.state, hasEnded: row.endedAt !== null };
}

const anew = {
  state: "waiting",
  endedAt: null,
  failures: 0,
  dueAt: sql`now()`,
} as const;

/** Lets a message be sent anew, by its own id and with the body that it has. */
export async function resetMessage(tx: Tx, messageId: string): Promise<void> {
  await tx.update(webhookMessage).set(anew).where(eq(webhookMessage.id, messageId));
}

/** Lets all dead messages of an endpoint be sent anew that were made from then on. @returns how many. */
export async function resetDead(tx: Tx, endpointId: string, since: Date): Promise<number> {
  const rows = await tx
    .update(webhookMessage)
    .set(anew)
    .where(
      and(
        eq(webhookMessage.endpointId, endpointId),
        eq(webhookMessage.state, "dead"),
        gte(webhookMessage.createdAt, since),
      ),
    )
    .returning({ id: webhookMessage.id });
  return rows.length;
}

/** Up to `limit` messages, newest first, from a position on. */
export async function selectMessages(
  tx: Tx,
  { endpoint, type, state }: Omit<ListMessagesInput, "cursor">,
  position: { createdAt: Date; id: string } | undefined,
  limit: number,
): Promise<MessageView[]> {
  const rows = await tx
    .select({
      id: webhookMessage.id,
      endpointId: webhookMessage.endpointId,
      endpoint: webhookEndpoint.description,
      isHeld: sql<boolean>`${webhookEndpoint.disabledAt} is not null and ${webhookMessage.state} = 'waiting'`,
      hasEnded: sql<boolean>`${webhookEndpoint.endedAt} is not null`,
      type: webhookMessage.type,
      state: webhookMessage.state,
      sends: webhookMessage.sends,
      failures: webhookMessage.failures,
      dueAt: webhookMessage.dueAt,
      createdAt: webhookMessage.createdAt,
      endedAt: webhookMessage.endedAt,
    })
    .from(webhookMessage)
    .innerJoin(webhookEndpoint, eq(webhookEndpoint.id, webhookMessage.endpointId))
    .where(
      and(
        endpoint === undefined ? undefined : eq(webhookMessage.endpointId, endpoint),
        type === undefined ? undefined : eq(webhookMessage.type, type),
        state === undefined ? undefined : eq(webhookMessage.state, state),
        position &&
          sql`(${webhookMessage.createdAt}, ${webhookMessage.id}) < (${position.createdAt.toISOString()}::timestamptz, ${position.id}::uuid)`,
      ),
    )
    .orderBy(desc(webhookMessage.createdAt), desc(webhookMessage.id))
    .limit(limit);
  return rows.map((row) => ({ ...row, type: row.type as MessageType }));
}

/** The body of a message, and the event that it is made from where it was never sent. */
export async function findMessage(
  tx: Tx,
  messageId: string,
): Promise<{ payload: string | null; type: MessageType; eventId: number } | undefined> {
  const [row] = await tx
    .select({ payload: webhookMessage.payload, type: webhookMessage.type, eventId: webhookMessage.eventId })
    .from(webhookMessage)
    .where(eq(webhookMessage.id, messageId));
  return row && { ...row, type: row.type as MessageType };
}

/** Each time that a message was sent, the first one first. */
export async function selectAttempts(tx: Tx, messageId: string): Promise<AttemptView[]> {
  return tx
    .select({
      number: webhookAttempt.number,
      at: webhookAttempt.at,
      status: webhookAttempt.status,
      failure: webhookAttempt.failure,
      tookMs: webhookAttempt.tookMs,
      excerpt: webhookAttempt.excerpt,
      nextAt: webhookAttempt.nextAt,
    })
    .from(webhookAttempt)
    .where(eq(webhookAttempt.messageId, messageId))
    .orderBy(asc(webhookAttempt.id));
}

/** Deletes up to `limit` messages older than `seconds`, with their attempts. @returns how many. */
export async function deleteOld(tx: Tx, seconds: number, limit: number): Promise<number> {
  const rows = await tx.execute(sql`
    delete from webhook_message where id in (
      select id from webhook_message where created_at < now() - make_interval(secs => ${seconds}::float8) order by created_at limit ${limit}::int
    ) returning 1`);
  return rows.length;
}
