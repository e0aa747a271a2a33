import { beforeAll, beforeEach, expect, test } from "vitest";
import { defaultPolicy } from "@/lib/policy/model";
import { forgetPolicy } from "@/lib/policy/store";
import { openTestDatabase } from "@/tools/testing/database";
import { renewGrants } from "./grants";
import { seedPeople } from "./people";

const db = openTestDatabase();

beforeAll(async () => {
  await seedPeople();
});
beforeEach(async () => {
  await renewGrants();
});

const listLive = async () =>
  (
    await db.sql`select u.login, g.method from grants g join users u on u.id = g.user_id
      where g.ended_at is null order by u.login`
  ).map(({ login, method }) => `${login} ${method}`);

test("after every start two people have a live grant, one each", async () => {
  expect(await renewGrants()).toEqual([]);
  expect(await listLive()).toEqual(["sms.sofia sms", "voice.viktor voice"]);
});

const putInForce = async (document: object) => {
  await db.sql`insert into policy_version (document) values (${db.sql.json(document as never)})`;
  forgetPolicy();
};

test.each<[string, () => Promise<unknown>, string, () => Promise<unknown>]>([
  [
    "her number was changed",
    () => db.sql`update user_phone set held_until = now() + interval '7 days' where e164 = '+12025550107'`,
    "number_held",
    () => db.sql`update user_phone set held_until = null where e164 = '+12025550107'`,
  ],
  [
    "she was disabled",
    () => db.sql`update users set disabled_at = now() where login = 'sms.sofia'`,
    "user_disabled",
    () => db.sql`update users set disabled_at = null where login = 'sms.sofia'`,
  ],
  [
    "texts are off",
    () => putInForce({ ...defaultPolicy, methodsOff: ["sms"] }),
    "method_off",
    () => putInForce(defaultPolicy),
  ],
  [
    "issuing is stopped",
    () => db.sql`update server_state set issuing_stopped_at = now()`,
    "issuing_stopped",
    () => db.sql`update server_state set issuing_stopped_at = null`,
  ],
])("where %s the demo starts all the same, and says so", async (_, tryOut, reason, undo) => {
  await tryOut();
  try {
    expect(await renewGrants()).toContainEqual({ login: "sms.sofia", reason });
  } finally {
    await undo();
  }
});
