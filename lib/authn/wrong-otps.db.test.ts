import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { toCodeHmac } from "@/lib/otp/digits";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { answerAsk } from "./answer-ask";
import { beginAttempt } from "./begin";
import { beginAttemptInput } from "./input";
import { proveAttempt } from "./prove";
import { selectChannel } from "./select-channel";

const db = openTestDatabase();

const noticesOf = (userId: string) =>
  db.sql`select j.payload ->> 'kind' as kind, j.payload ->> 'method' as method
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
    where t.identifier = 'notify' and j.payload->>'userId' = ${userId} order by j.id`;

async function makeUser(phones: { sms: string; voice?: string }): Promise<{ id: string; login: string }> {
  const { id } = await insertUser(db.sql, phones);
  await insertGrant(db.sql, id);
  const [row] = await db.sql<{ login: string }[]>`select login from users where id = ${id}`;
  return { id, login: row?.login ?? "" };
}

async function begin(subjectName: string) {
  const begun = await beginAttempt(
    publicContext(),
    beginAttemptInput.parse({ door: "otp_page", subjectName }),
  );
  return {
    attemptId: begun.attemptId,
    holder: { kind: "browser", secret: begun.secret as string },
    method: "sms",
  } as const;
}

/** Has a text or a call sent in the attempt, with these digits. */
async function send(
  { attemptId, holder }: Awaited<ReturnType<typeof begin>>,
  digits: string,
  channel: "sms" | "voice" = "sms",
): Promise<void> {
  await selectChannel(publicContext(), { attemptId, holder, channel });
  const [ask] = await db.sql`select id from channel_ask where attempt_id = ${attemptId}`;
  await answerAsk(systemContext("worker", "test"), { askId: ask?.id });
  const [challenge] = await db.sql<
    { id: string; userId: string }[]
  >`select id, user_id as "userId" from challenge where attempt_id = ${attemptId}`;
  if (challenge === undefined) throw new Error("nothing was sent");
  const { codeHmac, keyId } = toCodeHmac({ ...challenge, channel }, digits);
  await db.sql`update challenge set code_hmac = ${Buffer.from(codeHmac)}, key_id = ${keyId} where id = ${challenge.id}`;
}

const mobile = () => `+1202555${String(randomInt(10_000)).padStart(4, "0")}`;

test("the wrong digits that end a text are told to the user, by the way that didn't carry it, once", async () => {
  const user = await makeUser({ sms: mobile(), voice: "+447911123456" });
  const attempt = await begin(user.login);
  await send(attempt, "123456");
  for (const value of ["000000", "000001"]) await proveAttempt(publicContext(), { ...attempt, value });
  expect(await noticesOf(user.id)).toEqual([]);
  for (const value of ["000002", "000003"]) await proveAttempt(publicContext(), { ...attempt, value });
  expect(await noticesOf(user.id)).toEqual([{ kind: "failures_burst", method: "sms" }]);
});

test("digits typed where nothing was sent are nobody's burst, and neither is a slip before the right ones", async () => {
  const user = await makeUser({ sms: mobile(), voice: "+447911123457" });
  const empty = await begin(user.login);
  for (const value of ["000000", "000001", "000002"])
    await proveAttempt(publicContext(), { ...empty, value });
  expect(await noticesOf(user.id)).toEqual([]);
  const attempt = await begin(user.login);
  await send(attempt, "123456");
  await proveAttempt(publicContext(), { ...attempt, value: "000000" });
  expect(await proveAttempt(publicContext(), { ...attempt, value: "123456" })).toMatchObject({ ok: true });
  expect(await noticesOf(user.id)).toEqual([{ kind: "access_used", method: "sms" }]);
});

test("the notice is of what ends: where the desk's text does and the attempt's own call lives on, it doesn't go where the text went", async () => {
  const user = await makeUser({ sms: mobile(), voice: mobile() });
  await insertGrant(db.sql, user.id, "voice");
  const desk = await begin(user.login);
  await send(desk, "123456");
  await db.sql`update challenge set attempt_id = null, wrong_count = 2 where user_id = ${user.id}`;
  const attempt = await begin(user.login);
  await send(attempt, "123456", "voice");
  await proveAttempt(publicContext(), { ...attempt, method: "otp", value: "000000" });
  expect(await noticesOf(user.id)).toEqual([{ kind: "failures_burst", method: "sms" }]);
});
