import { readFileSync } from "node:fs";
import path from "node:path";
import { listDeliveries } from "@/lib/delivery/list";
import { toCodeHmac } from "@/lib/otp/digits";
import { systemContext } from "@/lib/platform/context";
import { closeDatabase } from "@/lib/platform/transaction";
import type { Told } from "./kills";
import type { Product } from "./product";

/** A promise that was broken, with what shows it. */
export interface Violation {
  promise: string;
  shownBy: string[];
}

/** Each must find nothing. */
const promises: readonly { promise: string; query: string }[] = [
  {
    promise: "no grant without exactly one event that it was issued",
    query: `select g.id from grants g left join audit_event e on e.grant_id = g.id and e.kind = 'grant.issued' and e.outcome = 'ok'
      group by g.id having count(e.id) <> 1`,
  },
  {
    promise: "no event of an issued grant without the grant",
    query: `select e.grant_id as id from audit_event e where e.kind = 'grant.issued' and e.outcome = 'ok'
      and not exists (select from grants g where g.id = e.grant_id)`,
  },
  {
    promise: "no grant that ended without the event of its end, and none the other way round",
    query: `select g.id from grants g where (g.ended_at is not null) <> exists (select from audit_event e where e.grant_id = g.id and e.outcome = 'ok'
        and (e.kind in ('grant.revoked', 'grant.replaced', 'grant.expired') or (e.kind = 'grant.redeemed' and g.ended_as = 'spent')))`,
  },
  {
    promise: "no access code without its grant's code and slot, none with a seed left",
    query: `select g.id from grants g left join access_code a on a.grant_id = g.id left join slot s on s.id = a.slot_id
      where (g.method = 'access_code') <> (a.grant_id is not null) or s.seed_cipher is not null`,
  },
  {
    promise: "no use of a grant that isn't in the log",
    query: `select g.id from grants g left join audit_event e on e.grant_id = g.id and e.kind = 'grant.redeemed' and e.outcome = 'ok'
      group by g.id having count(e.id) <> g.uses_count`,
  },
  {
    promise: "at most one live grant of a method for a user",
    query: `select user_id as id from grants where ended_at is null group by user_id, method having count(*) > 1`,
  },
  {
    promise: "no delivery without exactly one event that it was asked for",
    query: `select d.id from delivery d left join audit_event e on e.target_id = d.id::text and e.kind = 'delivery.asked' and e.outcome = 'ok'
      group by d.id having count(e.id) <> 1`,
  },
  {
    promise: "no event of an asked delivery without the delivery",
    query: `select e.target_id as id from audit_event e where e.kind = 'delivery.asked' and e.outcome = 'ok'
      and not exists (select from delivery d where d.id::text = e.target_id)`,
  },
  {
    promise: "no OTP on its way without its challenge and grant",
    query: `select d.id from delivery d left join challenge c on c.id = d.challenge_id left join grants g on g.id = c.grant_id
      where d.purpose = 'otp' and (g.id is null or g.id <> d.grant_id or g.user_id <> d.user_id)`,
  },
  {
    promise: "no challenge without its delivery",
    query: `select c.id from challenge c where not exists (select from delivery d where d.challenge_id = c.id)`,
  },
  {
    promise: "nothing stuck in queued or sending",
    query: `select id || ' (' || state || ')' as id from delivery where state in ('queued', 'sending')`,
  },
  {
    promise: "no delivery whose state the log doesn't tell",
    query: `select d.id || ' (' || d.state || ')' as id from delivery d where d.state <> 'queued' and d.state <> 'sending'
      and not exists (select from audit_event e where e.target_id = d.id::text and e.kind = 'delivery.' || d.state)`,
  },
  {
    promise: "no ask for a text that nobody took up",
    query: `select id from channel_ask where handled_at is null`,
  },
  {
    promise: "no ask that was sent without its challenge",
    query: `select k.id from channel_ask k where k.outcome = 'sent' and not exists (select from challenge c where c.attempt_id = k.attempt_id)`,
  },
  {
    // The clock brings the sweep again each minute, whatever became of the last one.
    promise: "no job given up",
    query: `select j.key as id from graphile_worker.jobs j where j.key is not null and j.key <> 'sweep' and j.attempts >= j.max_attempts`,
  },
];

interface Arrived {
  id: string;
  channel: "sms" | "voice";
  to: string;
  text: string;
  status: string;
  ref?: string;
}

interface Sent extends Record<string, unknown> {
  id: string;
  purpose: string;
  state: string;
  channel: "sms" | "voice";
  to: string;
  userId: string;
  providerRef: string | null;
  challengeId: string | null;
  codeHmac: Buffer | null;
}

function digitsOf({ channel, text }: Arrived): string | undefined {
  return channel === "sms"
    ? text.match(/#(\d{6})$/)?.[1]
    : text
        .split("\n", 1)[0]
        ?.match(/(?:\d ){5}\d/)?.[0]
        .replaceAll(" ", "");
}

function judgeArrivals(arrived: readonly Arrived[], sent: readonly Sent[]): Violation[] {
  const strays: string[] = [];
  const doubles: string[] = [];
  const wrongDigits: string[] = [];
  const denied: string[] = [];
  const bySent = new Map<Sent, Arrived[]>();
  const byRef = new Map(sent.map((one) => [one.id, one]));
  for (const text of arrived) {
    const source = text.ref === undefined ? undefined : byRef.get(text.ref);
    if (source === undefined || source.to !== text.to) {
      strays.push(`${text.id} to ${text.to}`);
      continue;
    }
    bySent.set(source, [...(bySent.get(source) ?? []), text]);
    if (source.purpose !== "otp") continue;
    const digits = digitsOf(text);
    const stored = source.codeHmac;
    const challenge = { id: source.challengeId as string, userId: source.userId, channel: source.channel };
    if (digits === undefined || stored === null || !stored.equals(toCodeHmac(challenge, digits).codeHmac))
      wrongDigits.push(`${text.id} of delivery ${source.id}`);
  }
  for (const [source, texts] of bySent) {
    if (texts.length > 1) doubles.push(`delivery ${source.id}: ${texts.length} texts`);
    if (
      source.state === "failed" &&
      texts.some(({ status }) => status === "delivered" || status === "completed")
    )
      denied.push(source.id);
  }
  const neverArrived = sent
    .filter((one) => (one.state === "sent" || one.state === "delivered") && !bySent.has(one))
    .map((one) => `${one.id} (${one.state})`);
  return [
    { promise: "no text without its delivery", shownBy: strays },
    { promise: "no delivery with two texts", shownBy: doubles },
    { promise: "no text whose digits aren't those of its challenge", shownBy: wrongDigits },
    { promise: "no text on the phone that is said to have failed", shownBy: denied },
    { promise: "no delivery said to be sent whose text isn't on the phone", shownBy: neverArrived },
  ];
}

/** What staff read of the deliveries that nobody knows the end of: each must be there, as unknown, with what to do next. */
async function judgeConsole({ sql }: Product): Promise<Violation> {
  const rows = await sql<{ id: string; userId: string }[]>`
    select id, user_id as "userId" from delivery where state = 'unknown'`;
  const unsaid: string[] = [];
  for (const { id, userId } of rows) {
    const read = await listDeliveries(systemContext("proof", "proof"), { userId });
    const shown = read.find((one) => one.id === id);
    if (shown?.state !== "unknown" || shown.failure === null) unsaid.push(id);
  }
  return { promise: "nothing unknown without the console saying so", shownBy: unsaid };
}

async function judgeTold({ sql }: Product, told: Told): Promise<Violation[]> {
  const grants = await sql<{ id: string }[]>`
    select t.id from unnest(${told.grantIds}::uuid[]) as t (id) where not exists (select from grants g where g.id = t.id)`;
  const asks = await sql<{ id: string }[]>`
    select t.id from unnest(${told.attemptIds}::uuid[]) as t (id) where not exists (select from channel_ask k where k.attempt_id = t.id)`;
  return [
    { promise: "nothing that a caller was told is issued is lost", shownBy: grants.map(({ id }) => id) },
    { promise: "nothing that a caller was told is asked for is lost", shownBy: asks.map(({ id }) => id) },
  ];
}

/** Reads the database, the stand-in's phones and the console's read, and lists every promise that is broken. */
export async function judgeLedger(product: Product, told: Told): Promise<Violation[]> {
  const { sql, stack, folder } = product;
  Object.assign(process.env, JSON.parse(readFileSync(path.join(folder, "environment.json"), "utf8")));
  const broken: Violation[] = [];
  for (const { promise, query } of promises) {
    const rows = await sql.unsafe<{ id: string }[]>(query);
    broken.push({ promise, shownBy: rows.map(({ id }) => id) });
  }
  const arrived = (await (await fetch(`${stack.standinUrl}/inbox`)).json()) as Arrived[];
  const sent = await sql<Sent[]>`
    select d.id, d.purpose, d.state, d.channel, d.to_e_164 as "to", d.user_id as "userId", d.provider_ref as "providerRef",
      d.challenge_id as "challengeId", c.code_hmac as "codeHmac"
    from delivery d left join challenge c on c.id = d.challenge_id`;
  broken.push(
    ...judgeArrivals(arrived, sent),
    await judgeConsole(product),
    ...(await judgeTold(product, told)),
  );
  await closeDatabase();
  return broken.filter(({ shownBy }) => shownBy.length > 0);
}

/** What the campaign left, in numbers. */
export async function countLedger({ sql, stack }: Product): Promise<string> {
  const rows = await sql<{ state: string; n: number }[]>`
    select state, count(*)::int as n from delivery group by state order by state`;
  const [grants] = await sql<{ n: number }[]>`select count(*)::int as n from grants`;
  const [events] = await sql<{ n: number }[]>`select count(*)::int as n from audit_event`;
  const arrived = (await (await fetch(`${stack.standinUrl}/inbox`)).json()) as unknown[];
  const states = rows.map(({ state, n }) => `${n} ${state}`).join(", ");
  return `${grants?.n} grants, ${events?.n} events, deliveries: ${states}; ${arrived.length} texts and calls on the phones`;
}
