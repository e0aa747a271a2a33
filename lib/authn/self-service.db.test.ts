import { expect, test } from "vitest";
import { changePolicy } from "@/lib/policy/change";
import { policySchema } from "@/lib/policy/model";
import { answering, beginApi, beginPage } from "@/tools/testing/attempt";
import { clientContext, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { answerNewestAsk } from "@/tools/testing/otp";
import { insertReachable } from "@/tools/testing/rows";
import { proveAttempt } from "./prove";
import { selectChannel } from "./select-channel";

const db = openTestDatabase();
const makeUser = () => insertReachable(db.sql);

const answerNewest = (attemptId: string, digits?: string) => answerNewestAsk(db.sql, attemptId, digits);

test("self-service is off by default; a user whose group may begins at /otp alone, by a grant of their own", async () => {
  const user = await makeUser();
  await db.sql`insert into user_group values (${user.id}, 'sales')`;
  const ask = async () => {
    const attempt = await beginPage(user.login);
    await selectChannel(publicContext(), { ...attempt, channel: "sms" });
    return { attempt, outcome: await answerNewest(attempt.attemptId) };
  };
  expect((await ask()).outcome).toBe("no_grant");
  const policy = policySchema.parse({ selfService: { groups: ["sales"] } });
  await changePolicy(staffContext("owner"), { expectedVersion: 0, policy });
  const { attempt, outcome } = await ask();
  expect(outcome).toBe("sent");
  expect(await proveAttempt(publicContext(), { ...attempt, method: "sms", value: "123456" })).toMatchObject({
    ok: true,
    userId: user.id,
  });
  const grants = await db.sql`select issuer_kind, ended_as from grants where user_id = ${user.id}`;
  expect(grants).toEqual([{ issuer_kind: "user", ended_as: "spent" }]);

  const api = clientContext(null);
  const begun = await beginApi(api, user.login);
  await selectChannel(api, {
    attemptId: begun.attemptId,
    holder: answering(begun.messageId),
    channel: "sms",
  });
  expect(await answerNewest(begun.attemptId)).toBe("no_grant");
});
