import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { systemContext } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { defaultPolicy } from "@/lib/policy/model";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { challengeKeptSeconds } from "./model";
import { sendChallenge } from "./send";
import { sweepChallenges } from "./sweep";

const db = openTestDatabase();

async function send() {
  const toE164 = `+1202555${Math.floor(Math.random() * 9000) + 1000}`;
  const { id: userId } = await insertUser(db.sql, { sms: toE164 });
  const { id: grantId } = await insertGrant(db.sql, userId);
  const asked = { grantId, userId, channel: "sms" as const, attemptId: randomUUID(), toE164, language: null };
  const sent = await inTransaction((tx) =>
    sendChallenge(tx, publicContext(), { ...asked, policy: defaultPolicy }),
  );
  if (!sent.ok) throw new Error(sent.reason);
  return { grantId, ...sent };
}

test("challenges go a day after their time, and none before; grants, deliveries and the log stay", async () => {
  const [old, recent, live] = [await send(), await send(), await send()];
  const age = (id: string, seconds: number) =>
    db.sql`update challenge set created_at = created_at - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}) where id = ${id}`;
  await age(old.challengeId, challengeKeptSeconds + 301);
  await age(recent.challengeId, challengeKeptSeconds - 5);
  const count = async () =>
    (
      await db.sql`select (select count(*)::int from grants) as grants, (select count(*)::int from delivery) as deliveries,
        (select count(*)::int from audit_event) as events`
    )[0];
  const before = await count();
  expect(await sweepChallenges(systemContext("sweep", "test"))).toBe(1);
  expect(await sweepChallenges(systemContext("sweep", "test"))).toBe(0);
  const left = await db.sql<{ id: string }[]>`select id from challenge`;
  expect(left.map(({ id }) => id).sort()).toEqual([recent.challengeId, live.challengeId].sort());
  expect(await count()).toEqual(before);
});
