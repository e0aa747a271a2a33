import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect, test, vi } from "vitest";
import { listAsks } from "@/lib/authn/ask-store";
import { deleteOldAttempts } from "@/lib/authn/outcome-store";
import { listOfUser } from "@/lib/delivery/store";
import { deleteOldChallenges, readAskFacts } from "@/lib/otp/store";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { openTestDatabase } from "@/tools/testing/database";
import { insertGrant, insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();

interface Plan {
  "Node Type": string;
  "Index Name"?: string;
  Plans?: Plan[];
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** How the server carries out the last statement of `work`. */
async function planOf(work: (tx: Tx) => Promise<unknown>): Promise<Plan[]> {
  const spy = vi.spyOn(pg.Client.prototype, "query");
  await inTransaction(work);
  const asked = spy.mock.calls as unknown as [{ text: string }, unknown[]?][];
  const [statement, values] = asked.filter(([, given]) => (given?.length ?? 0) > 0).at(-1) ?? [];
  spy.mockRestore();
  const client = new pg.Client(db.url);
  await client.connect();
  const { rows } = await client.query(`explain (format json) ${statement?.text}`, values);
  await client.end();
  return nodesOf(rows[0]["QUERY PLAN"][0].Plan);
}

test("what is listed and swept is read by its index, and a page of it in the order of the index", async () => {
  const { id: userId } = await insertUser(db.sql, { sms: "+12025550199" });
  const { id: grantId } = await insertGrant(db.sql, userId);
  const attemptId = randomUUID();
  await db.sql`insert into challenge (grant_id, user_id, channel, attempt_id, created_at, expires_at, ended_at, end_reason)
    select ${grantId}, case when n % 2 = 0 then ${userId}::uuid else gen_random_uuid() end, 'sms', gen_random_uuid(),
      now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '5 minutes', now(), 'expired'
    from generate_series(1, 20000) n`;
  await db.sql`insert into delivery (purpose, channel, user_id, grant_id, challenge_id, to_e_164, state, created_at)
    select 'otp', 'sms', case when n % 2 = 0 then ${userId}::uuid end, ${grantId}, gen_random_uuid(), '+12025550199', 'sent',
      now() - n * interval '1 minute' from generate_series(1, 20000) n`;
  await db.sql`insert into authn_attempt (id, door, subject_name, subject_key, expires_at) values (${attemptId}, 'otp_page', 'x', 'x', now())`;
  await db.sql`insert into authn_attempt (door, subject_name, subject_key, created_at, expires_at)
    select 'otp_page', 'x', 'x', now() - n * interval '1 minute', now() - n * interval '1 minute' + interval '5 minutes' from generate_series(1, 20000) n`;
  await db.sql`insert into channel_ask (attempt_id, subject_key, channel, asked_at, handled_at, outcome)
    select ${attemptId}, case when n % 10 = 0 then 'x' else md5(n::text) end, 'sms', now() - n * interval '1 minute', now(), 'sent' from generate_series(1, 20000) n`;
  await db.sql`analyze`;

  const plans: Record<string, [(tx: Tx) => Promise<unknown>, string, boolean]> = {
    deliveries: [(tx) => listOfUser(tx, userId), "delivery_user", true],
    asks: [(tx) => listAsks(tx, "x", attemptId, "sms"), "channel_ask_subject", false],
    facts: [
      (tx) => readAskFacts(tx, { userId, grantId, channel: "sms", attemptId: null }),
      "challenge_user",
      false,
    ],
    challenges: [(tx) => deleteOldChallenges(tx, 86_400 * 10, 100), "challenge_expires", false],
    attempts: [(tx) => deleteOldAttempts(tx, 86_400 * 10, 100), "authn_attempt_expires", false],
  };
  for (const [what, [work, index, isLimited]] of Object.entries(plans)) {
    const nodes = await planOf(work);
    const [used, sorts] = [nodes.map((node) => node["Index Name"]), nodes.map((node) => node["Node Type"])];
    expect([what, used]).toEqual([what, expect.arrayContaining([index])]);
    if (isLimited) expect([what, sorts]).toEqual([what, expect.not.arrayContaining(["Sort"])]);
    if (isLimited) expect([what, sorts]).toEqual([what, expect.arrayContaining(["Incremental Sort"])]);
  }
});
