import { randomBytes, randomUUID } from "node:crypto";
import type postgres from "postgres";
import { forgeCode, revealCode, toSlotHours } from "@/lib/codes/forge";
import { toCodeHmac } from "@/lib/otp/digits";

/** Who makes ids of one kind, by number, in JavaScript and in SQL alike. */
const toId = (kind: string, number: number) =>
  `${kind}-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
const idSql = (kind: string, number: string) =>
  `('${kind}-0000-4000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;

/** Adds `count` people whose ids begin with `kind` and who are called `<kind>-<number>`; nobody is told of a use. */
async function addPeople(sql: postgres.Sql, kind: string, from: number, count: number): Promise<void> {
  await sql.unsafe(`
    insert into users (id, directory_id, login, login_key, first_name, last_name, display_name)
    select ${idSql(kind, "i")}, '${kind}-' || i, '${kind}-' || i, '${kind}-' || i, 'Bench', '${kind}', 'Bench ' || i
    from generate_series(${from}, ${from + count - 1}) i`);
}

/** What a single-use access code of somebody's is redeemed with. */
export interface StockedCode {
  login: string;
  text: string;
}

/**
 * Gives `count` new people a single-use standard code each. All have the same seed and salt, so that one Argon2id is enough
 * to prepare them; judging each costs one all the same.
 */
export async function stockCodes(sql: postgres.Sql, batch: number, count: number): Promise<StockedCode[]> {
  const kind = `c0de${batch.toString(16).padStart(4, "0")}`;
  await addPeople(sql, kind, 0, count);
  const forged = await forgeCode("standard");
  if (!forged.ok || forged.code.form !== "standard") throw new Error("no code");
  const now = new Date();
  const expiresAt = new Date(now.getTime() + 4 * 3_600_000);
  const { slotEpoch, expiryIndex, offlineExpiresAt } = toSlotHours(now, expiresAt);
  const hex = (bytes: Uint8Array) => `'\\x${Buffer.from(bytes).toString("hex")}'::bytea`;
  const { salt, anchor } = forged.code;
  const { text } = revealCode(forged.code, { slotEpoch, expiryIndex, offlineExpiresAt });
  const grantOf = idSql(`9a${kind.slice(2)}`, "i");
  const slotOf = idSql(`51${kind.slice(2)}`, "i");
  const all = `from generate_series(0, ${count - 1}) i`;
  await sql.unsafe(`
    insert into grants (id, user_id, method, expires_at, uses_max, issuer_kind, reason, policy_version, generation)
    select ${grantOf}, ${idSql(kind, "i")}, 'access_code', '${expiresAt.toISOString()}', 1, 'system', 'lost', 0, 1 ${all};
    insert into slot (id, user_id, number, kind, generation, slot_epoch, salt, anchor, issued_at)
    select ${slotOf}, ${idSql(kind, "i")}, 1, 'once', 1, '${slotEpoch.toISOString()}', ${hex(salt)}, ${hex(anchor)}, now() ${all};
    insert into access_code (grant_id, form, slot_id, expiry_index, offline_expires_at, salt, anchor)
    select ${grantOf}, 'standard', ${slotOf}, ${expiryIndex}, '${offlineExpiresAt.toISOString()}', ${hex(salt)}, ${hex(anchor)} ${all};`);
  return Array.from({ length: count }, (_, number) => ({ login: `${kind}-${number}`, text }));
}

/** An open attempt, and what the next message answers. */
export interface StockedAttempt {
  attemptId: string;
  messageId: string;
}

/** Open attempts of as many people, each with a text on its way. */
export interface StockedAttempts {
  count: number;
  attempt(number: number): StockedAttempt;
  /** The attempt's id as an SQL expression of a number, where the stock numbers them. */
  attemptIdSql(number: string): string;
}

/** The digits of every text in stock. */
export const DIGITS = "123456";

/** Gives `count` new people a live grant by SMS; @returns the kind of their ids. */
async function stockGrants(sql: postgres.Sql, batch: number, count: number): Promise<string> {
  const kind = `5e5d${batch.toString(16).padStart(4, "0")}`;
  await addPeople(sql, kind, 0, count);
  const all = `from generate_series(0, ${count - 1}) i`;
  await sql.unsafe(`
    insert into user_phone (user_id, channel, e164, last4)
    select ${idSql(kind, "i")}, 'sms', '+1202555' || lpad((i % 10000)::text, 4, '0'), lpad((i % 10000)::text, 4, '0') ${all};
    insert into grants (id, user_id, method, expires_at, issuer_kind, reason, policy_version, generation)
    select ${idSql(`9a${kind.slice(2)}`, "i")}, ${idSql(kind, "i")}, 'sms', now() + interval '4 hours', 'system', 'lost', 0, 1 ${all};`);
  return kind;
}

const analyze = (sql: postgres.Sql) => sql`analyze users, user_phone, grants, authn_attempt, challenge`;

/**
 * Stocks attempts that the product never saw, for whoever else runs its statements: all in the database, their challenges
 * judged by `pads`.
 */
export async function stockForeignAttempts(
  sql: postgres.Sql,
  batch: number,
  count: number,
  clientId: string,
  pads: Pads,
): Promise<StockedAttempts> {
  const kind = await stockGrants(sql, batch, count);
  const [grantKind, attemptKind, challengeKind] = ["9a", "a7", "c4"].map(
    (letters) => letters + kind.slice(2),
  ) as [string, string, string];
  const all = `from generate_series(0, ${count - 1}) i`;
  await sql.unsafe(`
    insert into authn_attempt (id, door, client_id, subject_name, subject_key, user_id, channel, channel_asked_at, last_message_id, expires_at)
    select ${idSql(attemptKind, "i")}, 'authn_api', '${clientId}', '${kind}-' || i, '${kind}-' || i, ${idSql(kind, "i")}, 'sms', now(),
      'message-' || i, now() + interval '15 minutes' ${all};
    insert into challenge (id, grant_id, user_id, channel, attempt_id, expires_at)
    select ${idSql(challengeKind, "i")}, ${idSql(grantKind, "i")}, ${idSql(kind, "i")}, 'sms', ${idSql(attemptKind, "i")}, now() + interval '10 minutes' ${all};`);
  await sql`
    update challenge set code_hmac = sha256(${pads.outer}::bytea || sha256(${pads.inner}::bytea || uuid_send(id))), key_id = ${pads.keyId}
    where attempt_id in (select id from authn_attempt where subject_name like ${`${kind}-%`})`;
  await analyze(sql);
  return {
    count,
    attempt: (number) => ({ attemptId: toId(attemptKind, number), messageId: `message-${number}` }),
    attemptIdSql: (number) => idSql(attemptKind, number),
  };
}

/** Stocks attempts that were begun through a door by `begin`, each with a challenge whose digits were sent. */
export async function stockOwnAttempts(
  sql: postgres.Sql,
  batch: number,
  count: number,
  begin: (logins: readonly string[]) => Promise<StockedAttempt[]>,
): Promise<StockedAttempts> {
  const kind = await stockGrants(sql, batch, count);
  const numbers = Array.from({ length: count }, (_, number) => number);
  const attempts = await begin(numbers.map((number) => `${kind}-${number}`));
  const ids = numbers.map((number) => toId(`c4${kind.slice(2)}`, number));
  const hmacs = numbers.map((number) =>
    toCodeHmac({ id: ids[number] ?? "", userId: toId(kind, number), channel: "sms" }, DIGITS),
  );
  await sql`
    insert into challenge (id, grant_id, user_id, channel, attempt_id, expires_at, code_hmac, key_id)
    select c.id, g.id, g.user_id, 'sms', c.attempt_id, now() + interval '10 minutes', decode(c.hmac, 'hex'), ${hmacs[0]?.keyId ?? ""}
    from unnest(${ids}::uuid[], ${attempts.map(({ attemptId }) => attemptId)}::uuid[],
      ${hmacs.map(({ codeHmac }) => Buffer.from(codeHmac).toString("hex"))}::text[]) as c (id, attempt_id, hmac)
    join authn_attempt a on a.id = c.attempt_id join grants g on g.user_id = a.user_id`;
  await analyze(sql);
  return {
    count,
    attempt: (number) => attempts[number] as StockedAttempt,
    attemptIdSql: () => {
      throw new Error("these attempts have ids of the product's own");
    },
  };
}

/** The padded keys of the HMAC by which digits are judged. */
export interface Pads {
  inner: Uint8Array;
  outer: Uint8Array;
  keyId: string;
}

/** Pads that stand for any digits. */
export function drawPads(keyId: string): Pads {
  const key = randomBytes(64);
  return { keyId, inner: key.map((byte) => byte ^ 0x36), outer: key.map((byte) => byte ^ 0x5c) };
}

/** Puts `count` texts of new people into the queue, due in `dueInSeconds`. */
export async function stockTexts(
  sql: postgres.Sql,
  batch: number,
  count: number,
  dueInSeconds: number,
): Promise<string> {
  const kind = `7e87${batch.toString(16).padStart(4, "0")}`;
  const kindOf = (letters: string) => `${letters}${kind.slice(2)}`;
  await addPeople(sql, kind, 0, count);
  const all = `from generate_series(0, ${count - 1}) i`;
  const due = `now() + interval '${dueInSeconds} seconds'`;
  const number = "'+1312555' || lpad((i % 100 + 100)::text, 4, '0')";
  await sql.unsafe(`
    insert into user_phone (user_id, channel, e164, last4) select ${idSql(kind, "i")}, 'sms', ${number}, right(${number}, 4) ${all};
    insert into grants (id, user_id, method, expires_at, issuer_kind, reason, policy_version, generation)
    select ${idSql(kindOf("9a"), "i")}, ${idSql(kind, "i")}, 'sms', now() + interval '4 hours', 'system', 'lost', 0, 1 ${all};
    insert into challenge (id, grant_id, user_id, channel, expires_at)
    select ${idSql(kindOf("c4"), "i")}, ${idSql(kindOf("9a"), "i")}, ${idSql(kind, "i")}, 'sms', now() + interval '10 minutes' ${all};
    insert into delivery (id, purpose, channel, user_id, grant_id, challenge_id, to_e_164, country, due_at)
    select ${idSql(kindOf("de"), "i")}, 'otp', 'sms', ${idSql(kind, "i")}, ${idSql(kindOf("9a"), "i")}, ${idSql(kindOf("c4"), "i")}, ${number}, 'US', ${due} ${all};
    select count(sparekey_enqueue_job('deliver', json_build_object('deliveryId', ${idSql(kindOf("de"), "i")}, 'requestId', '${randomUUID()}'),
      'deliver/' || ${idSql(kindOf("de"), "i")}, ${due})) ${all};`);
  return kind;
}
