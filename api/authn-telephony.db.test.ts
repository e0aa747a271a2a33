import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { answerAsk } from "@/lib/authn/answer-ask";
import { deliver } from "@/lib/otp/deliver";
import { systemContext } from "@/lib/platform/context";
import { makeClientKey } from "@/tools/testing/authn-api";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { openTelephony } from "@/tools/testing/telephony";

const db = openTestDatabase();
const telephony = openTelephony();
const doors = openDoors();

/** Does what the worker does with the jobs that wait: answer who asked, then send. */
async function work(attemptId: string) {
  const ctx = systemContext("worker", randomUUID());
  const [ask] = await db.sql<{ id: string }[]>`select id from channel_ask where attempt_id = ${attemptId}`;
  expect(await answerAsk(ctx, { askId: ask!.id })).toBe("sent");
  const [row] = await db.sql<
    { id: string }[]
  >`select d.id from delivery d join challenge c on c.id = d.challenge_id where c.attempt_id = ${attemptId}`;
  await deliver(ctx, { deliveryId: row!.id }, telephony.provider());
}

test.each([
  ["SMS", "sms", "+12025550101"],
  ["VOICE", "voice", "+442079460104"],
] as const)(
  "%s: what arrives on the phone proves the user to the relying system",
  async (methodId, channel, e164) => {
    const { key } = await makeClientKey();
    const post = async (call: string, body: object) =>
      (
        await doors.call("POST", `/mfa/v1_1/authn/${call}`, {
          headers: { "client-key": key },
          body,
        })
      ).body;
    const { id, login } = await insertUser(db.sql, { [channel]: e164 });
    await insertGrant(db.sql, id, channel);

    const begun = await post("initialize", {
      clientId: "vpn",
      subjectName: login,
      context: { messageId: "1" },
      subjectCredentials: [{ methodId, collectedInputs: [] }],
    });
    expect(begun.attemptResponseCode).toBe("CHALLENGE");
    const { authnAttemptId, messageId } = begun.context;
    await work(authnAttemptId);
    const [entry] = await telephony.inbox(e164);
    const digits = /(?:\d[\s,.]*){6}/.exec(entry?.text ?? "")?.[0].replace(/\D/g, "");
    expect(digits).toMatch(/^\d{6}$/);

    const proven = await post("verify", {
      subjectCredentials: [{ methodId, collectedInputs: [{ name: methodId, value: digits }] }],
      context: { authnAttemptId, messageId: "2", inResponseTo: messageId },
    });
    expect(proven.attemptResponseCode).toBe("SUCCESS");
    const dump = await db.sql`select a::text || c::text as line from authn_attempt a, challenge c`;
    expect(dump.map(({ line }) => line).join()).not.toContain(digits);
  },
);
