import { randomUUID } from "node:crypto";
import type postgres from "postgres";

/** Puts a user into the directory, with the given phones, under a login that nobody else has. */
export async function insertUser(
  db: postgres.Sql,
  phones: { sms?: string; voice?: string } = {},
): Promise<{ id: string; login: string }> {
  const id = randomUUID();
  const login = `user-${id.slice(0, 8)}`;
  await db`insert into users (id, directory_id, login, login_key, first_name, last_name, display_name) values (${id}, ${id}, ${login}, ${login}, 'Ada', 'Lovelace', 'Ada Lovelace')`;
  for (const [channel, e164] of Object.entries(phones)) {
    await db`insert into user_phone (user_id, channel, e164, last4) values (${id}, ${channel}, ${e164}, ${e164.slice(-4)})`;
  }
  return { id, login };
}

let numbers = 1000;

/** Puts a user into the directory who can be reached on both channels, at numbers of their own. */
export function insertReachable(db: postgres.Sql): Promise<{ id: string; login: string }> {
  numbers += 1;
  return insertUser(db, { sms: `+1202555${numbers}`, voice: `+44207946${numbers}` });
}

/** The name by which a user signs in. */
export async function loginOf(db: postgres.Sql, userId: string): Promise<string> {
  const [user] = await db<{ login: string }[]>`select login from users where id = ${userId}`;
  if (user === undefined) throw new Error("no such user");
  return user.login;
}

/** Gives a user emergency access that begins now. */
export async function insertGrant(
  db: postgres.Sql,
  userId: string,
  method: "sms" | "voice" = "sms",
  windowSeconds = 3600,
): Promise<{ id: string }> {
  const id = randomUUID();
  await db`insert into grants (id, user_id, method, expires_at, issuer_kind, reason, policy_version, generation)
    values (${id}, ${userId}, ${method}, now() + make_interval(secs => ${windowSeconds}), 'system', 'lost', 0, 1)`;
  return { id };
}
