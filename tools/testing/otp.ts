import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { answerAsk } from "@/lib/authn/answer-ask";
import { toCodeHmac } from "@/lib/otp/digits";
import { systemContext } from "@/lib/platform/context";

/** A challenge as far as it is known before it has digits. */
interface NewChallenge {
  userId: string;
  grantId: string;
  channel: "sms" | "voice";
  /** Null: sent by the desk, of no attempt yet. */
  attemptId: string | null;
}

/** Sets the digits of a challenge, which the worker would have drawn. */
export async function setDigits(sql: postgres.Sql, challengeId: string, digits: string): Promise<void> {
  const [challenge] = await sql<
    { user_id: string; channel: "sms" | "voice" }[]
  >`select user_id, channel from challenge where id = ${challengeId}`;
  if (challenge === undefined) throw new Error("no such challenge");
  const { user_id: userId, channel } = challenge;
  const { codeHmac, keyId } = toCodeHmac({ id: challengeId, userId, channel }, digits);
  await sql`update challenge set code_hmac = ${Buffer.from(codeHmac)}, key_id = ${keyId} where id = ${challengeId}`;
}

/** Makes a challenge with these digits that lives for five minutes; answers its id. */
export async function insertChallenge(
  sql: postgres.Sql,
  { userId, grantId, channel, attemptId }: NewChallenge,
  digits: string,
): Promise<string> {
  const id = randomUUID();
  await sql`insert into challenge (id, grant_id, user_id, channel, attempt_id, expires_at)
    values (${id}, ${grantId}, ${userId}, ${channel}, ${attemptId}, now() + interval '5 minutes')`;
  await setDigits(sql, id, digits);
  return id;
}

/** Runs the job behind the newest ask of an attempt, and sets the digits of what it sent; answers what became of the ask. */
export async function answerNewestAsk(
  sql: postgres.Sql,
  attemptId: string,
  digits = "123456",
): ReturnType<typeof answerAsk> {
  const [ask] = await sql<
    { id: string }[]
  >`select id from channel_ask where attempt_id = ${attemptId} order by asked_at desc limit 1`;
  if (ask === undefined) throw new Error("nothing was asked for");
  const outcome = await answerAsk(systemContext("worker", "test"), { askId: ask.id });
  const sent = await sql<
    { id: string }[]
  >`select id from challenge where attempt_id = ${attemptId} and ended_at is null and code_hmac is null`;
  for (const { id } of sent) await setDigits(sql, id, digits);
  return outcome;
}
