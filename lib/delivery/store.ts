import "server-only";
import { sql } from "drizzle-orm";
import { type EventRow, eventCtes } from "@/lib/audit/store";
import { enqueueCall, type NewJob } from "@/lib/platform/jobs-store";
import { iso8601 } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { EarlierOtp } from "./limits";
import type { Channel, DeliveryState, FailureKind } from "./model";

/** What a text or call is before it exists. */
export interface NewDelivery {
  id: string;
  purpose: "otp" | "notice";
  channel: Channel;
  userId: string;
  grantId: string | null;
  challengeId: string | null;
  noticeKind: string | null;
  toE164: string;
  /** ISO 3166 alpha-2; null where the number has none. */
  country: string | null;
  language: string;
}

/**
 * Has sends to one user or one number wait for each other until the transaction ends, so that none is counted twice or not at all.
 * The user's other numbers are taken with it: a notice may go to one of them in the same transaction, and by then the day's budget
 * is held, for which everybody else waits with their own numbers in hand.
 */
export async function lockRecipient(tx: Tx, userId: string, toE164: string): Promise<void> {
  await tx.execute(sql`
    select pg_advisory_xact_lock(keys.key)
    from (
      select hashtextextended('sparekey/send/user/' || ${userId}::text, 0) as key
      union select hashtextextended('sparekey/send/number/' || e164, 0)
      from (select ${toE164}::text as e164 union select e164 from user_phone where user_id = ${userId}::uuid) numbers
      order by key
    ) keys`);
}

/** The sends of the last day, for the purpose, to this user or this number, but those forgiven. Counted when asked for, whatever became of them. */
export async function listEarlierSends(
  tx: Tx,
  recipient: { purpose: "otp" | "notice"; userId: string; toE164: string },
): Promise<EarlierOtp[]> {
  const { purpose, userId, toE164 } = recipient;
  return [
    ...(await tx.execute<EarlierOtp & Record<string, unknown>>(sql`
      select extract(epoch from clock_timestamp() - d.created_at)::float8 as "ageSeconds",
        d.user_id is not distinct from ${userId}::uuid as "sameUser", d.to_e_164 = ${toE164} as "sameNumber",
        c.attempt_id is null as "byDesk"
      from delivery d left join challenge c on c.id = d.challenge_id
      where d.purpose = ${purpose} and d.created_at > now() - interval '1 day' and d.forgiven_at is null
        and (d.user_id = ${userId}::uuid or d.to_e_164 = ${toE164})`)),
  ];
}

/**
 * Takes `cost` from today's (UTC) budget if it is there: one conditional statement, so that any number of sends at once
 * never spend more. The day's row stays locked until the transaction ends.
 */
export async function spendBudget(tx: Tx, cost: number, amountPerDay: number): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into send_budget as b (day, spent, sends)
    select (now() at time zone 'utc')::date, ${cost}::numeric, 1 where ${cost}::numeric <= ${amountPerDay}::numeric
    on conflict (day) do update set spent = b.spent + excluded.spent, sends = b.sends + 1
      where b.spent + excluded.spent <= ${amountPerDay}::numeric
    returning day`);
  return rows.length === 1;
}

/** Adds a delivery in state *queued*, with its event and its job, in one statement. */
export async function insertDelivery(
  tx: Tx,
  delivery: NewDelivery,
  event: EventRow,
  job: NewJob,
): Promise<void> {
  await tx.execute(sql`
    with created as (
      insert into delivery (id, purpose, channel, user_id, grant_id, challenge_id, notice_kind, to_e_164, country, language)
      values (${delivery.id}::uuid, ${delivery.purpose}, ${delivery.channel}, ${delivery.userId}::uuid, ${delivery.grantId}::uuid,
        ${delivery.challengeId}::uuid, ${delivery.noticeKind}, ${delivery.toE164}, ${delivery.country}, ${delivery.language})
      returning id
    ), ${eventCtes("event", event, sql`created`)}
    select ${enqueueCall(job)} from created`);
}

/** A notice that waits for the worker, if nobody else has taken it: now in *sending*. */
export interface ClaimedNotice extends Record<string, unknown> {
  toE164: string;
  language: string;
  noticeKind: string;
  attempts: number;
}

/** Takes a queued notice to send it: one conditional UPDATE, undefined for all but the first who asks. */
export async function claimNotice(tx: Tx, deliveryId: string): Promise<ClaimedNotice | undefined> {
  const [row] = await tx.execute<ClaimedNotice>(sql`
    update delivery set state = 'sending', sending_at = now(), attempts = attempts + 1, failure = null
    where id = ${deliveryId}::uuid and purpose = 'notice' and state = 'queued'
    returning to_e_164 as "toE164", language, notice_kind as "noticeKind", attempts`);
  return row;
}

/** What a change of a delivery's state writes. */
export interface StateChange {
  to: DeliveryState;
  /** Only from one of these; else nothing changes. */
  from: readonly DeliveryState[];
  failure?: FailureKind | null;
  providerRef?: string;
  /** With `to: "queued"`: not handed over before so many seconds are over. */
  dueInSeconds?: number;
}

/**
 * Changes a delivery's state if it is in one that allows it, with its event, and answers whether it did.
 * Without an event nothing is logged: for going back to *queued*, which is no end.
 */
export async function changeState(
  tx: Tx,
  deliveryId: string,
  change: StateChange,
  event: EventRow | undefined,
): Promise<boolean> {
  const from = sql.join(
    change.from.map((state) => sql`${state}`),
    sql`, `,
  );
  const isEnd = change.to === "delivered" || change.to === "failed";
  const [row] = await tx.execute<{ changed: number }>(sql`
    with moved as (
      update delivery set state = ${change.to}, failure = ${change.failure ?? null},
        provider_ref = coalesce(provider_ref, ${change.providerRef ?? null}),
        sent_at = ${change.to === "sent" || change.to === "delivered" ? sql`coalesce(sent_at, now())` : sql`sent_at`},
        delivered_at = ${change.to === "delivered" ? sql`now()` : change.to === "failed" ? sql`null` : sql`delivered_at`},
        ended_at = ${isEnd ? sql`now()` : sql`ended_at`},
        due_at = ${change.dueInSeconds === undefined ? sql`due_at` : sql`now() + make_interval(secs => ${change.dueInSeconds}::float8)`}
      where id = ${deliveryId}::uuid and state in (${from})
      returning id, user_id, grant_id
    )${
      event === undefined
        ? sql``
        : sql`, ${eventCtes("event", event, sql`moved`, { userId: sql`user_id`, grantId: sql`grant_id` })}`
    }
    select count(*)::int as changed from moved`);
  return row?.changed === 1;
}

/** Remembers under which id the provider knows a delivery whose state moved on before it answered. */
export async function rememberProviderRef(tx: Tx, deliveryId: string, providerRef: string): Promise<void> {
  await tx.execute(sql`
    update delivery set provider_ref = ${providerRef} where id = ${deliveryId}::uuid and provider_ref is null`);
}

/** A delivery as a report finds it. */
export interface ReportedDelivery extends Record<string, unknown> {
  id: string;
  state: DeliveryState;
  failure: string | null;
}

/**
 * Locks the delivery that a report is about: by the provider's id, else by our own if no other id of the provider is known.
 */
export async function lockReported(
  tx: Tx,
  report: { providerRef: string; deliveryId?: string | undefined; channel: Channel },
): Promise<ReportedDelivery | undefined> {
  const [row] = await tx.execute<ReportedDelivery>(sql`
    select id, state, failure from delivery
    where channel = ${report.channel} and (provider_ref = ${report.providerRef}
      or (id = ${report.deliveryId ?? null}::uuid and provider_ref is null))
    order by provider_ref is null limit 1 for update`);
  return row;
}

/** Keeps a report; false if it came before. */
export async function insertReport(
  tx: Tx,
  report: {
    deliveryId: string;
    webhookId: string;
    status: string;
    failure: string | null;
    providerAt: Date;
  },
): Promise<boolean> {
  const rows = await tx.execute(sql`
    insert into delivery_event (delivery_id, webhook_id, status, failure, provider_at)
    values (${report.deliveryId}::uuid, ${report.webhookId}, ${report.status}, ${report.failure}, ${report.providerAt.toISOString()}::timestamptz)
    on conflict (webhook_id) do nothing returning id`);
  return rows.length === 1;
}

/** Deliveries that have been in *sending* for longer than any call to the provider takes: whoever sent them is gone. */
export async function listInterrupted(tx: Tx, olderThanSeconds: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from delivery where state = 'sending' and sending_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
    order by sending_at limit 1000`);
  return rows.map((row) => row.id);
}

/** Deliveries that were due so long ago and have no job, or one that a dead worker holds. */
export async function listForgotten(tx: Tx, olderThanSeconds: number): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    select id from delivery
    where state = 'queued' and due_at < now() - make_interval(secs => ${olderThanSeconds}::float8)
      and not sparekey_has_job('deliver/' || id, make_interval(secs => ${olderThanSeconds}::float8))
    order by due_at limit 1000`);
  return rows.map((row) => row.id);
}

/** A delivery as it stands, instants in ISO 8601. */
export interface DeliveryRow extends Record<string, unknown> {
  id: string;
  purpose: "otp" | "notice";
  channel: Channel;
  grantId: string | null;
  noticeKind: string | null;
  toE164: string;
  state: DeliveryState;
  failure: string | null;
  askedAt: string;
  sendingAt: string | null;
  sentAt: string | null;
  deliveredAt: string | null;
  endedAt: string | null;
}

/** The deliveries of a user, newest first, 50 at most. */
export async function listOfUser(tx: Tx, userId: string): Promise<DeliveryRow[]> {
  return [
    ...(await tx.execute<DeliveryRow>(sql`
      select id, purpose, channel, grant_id as "grantId", notice_kind as "noticeKind", to_e_164 as "toE164", state, failure,
        ${iso8601`created_at`} as "askedAt", ${iso8601`sending_at`} as "sendingAt", ${iso8601`sent_at`} as "sentAt",
        ${iso8601`delivered_at`} as "deliveredAt", ${iso8601`ended_at`} as "endedAt"
      from delivery where user_id = ${userId}::uuid
      order by created_at desc nulls last, id limit 50`)),
  ];
}

/** How many of the newest `max` refusals of webhooks are of the last minute. */
export async function countLatestRefusals(tx: Tx, max: number): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(sql`
    select count(*)::int as count
    from (select at from audit_event where kind = 'webhook.refused' order by id desc limit ${max}) latest
    where at > now() - interval '1 minute'`);
  return row?.count ?? 0;
}
