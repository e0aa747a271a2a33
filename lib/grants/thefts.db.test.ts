import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertUser } from "@/tools/testing/rows";
import { issueGrantInput } from "./input";
import { issueGrant } from "./issue";
import { listThefts, seeThefts } from "./thefts";

const db = openTestDatabase();

async function report(userId: string, wish: object = {}): Promise<void> {
  const issued = await issueGrant(
    staffContext("helpdesk", { name: "Hanna Desk" }),
    issueGrantInput.parse({
      userId,
      method: "sms",
      reason: "stolen",
      formId: randomUUID(),
      replaces: "any",
      ...wish,
    }),
  );
  if (!issued.ok) throw new Error(issued.reason);
}

let numbers = 1200;

function makeUser(): Promise<{ id: string }> {
  numbers += 1;
  return insertUser(db.sql, { sms: `+1202555${numbers}` });
}

test("whoever gives access for something stolen tells security, once a user, until somebody has looked", async () => {
  const [ada, ben, cyd] = [await makeUser(), await makeUser(), await makeUser()];
  await report(ada.id, { ticket: "INC-1" });
  await report(ben.id);
  await report(ada.id, { ticket: "INC-2", reasonNote: "on the train" });
  await report(cyd.id, { reason: "lost" });
  const security = staffContext("security");
  expect(await listThefts(security)).toMatchObject([
    { userId: ada.id, reportedBy: "Hanna Desk", ticket: "INC-2", note: "on the train" },
    { userId: ben.id, ticket: null },
  ]);
  expect(await seeThefts(security, { userId: ada.id })).toEqual({ ok: true });
  expect(await listThefts(security)).toMatchObject([{ userId: ben.id }]);
  await report(ada.id);
  expect(await listThefts(security)).toMatchObject([{ userId: ada.id }, { userId: ben.id }]);
});

test("of five who look at once one does, and the log has them all", async () => {
  const { id: userId } = await makeUser();
  await report(userId);
  const security = staffContext("security");
  const looked = await Promise.all(Array.from({ length: 5 }, () => seeThefts(security, { userId })));
  expect(looked.filter(({ ok }) => ok)).toHaveLength(1);
  expect(looked.filter(({ ok }) => !ok)).toEqual(Array(4).fill({ ok: false, reason: "already_seen" }));
  const events = await db.sql`select outcome, count(*)::int as count from audit_event
    where request_id = ${security.requestId} and kind = 'grant.theft-seen' and user_id = ${userId}
    group by outcome order by outcome`;
  expect([...events]).toEqual([
    { outcome: "ok", count: 1 },
    { outcome: "refused", count: 4 },
  ]);
});

test.each(["helpdesk", "lead", "auditor"] as const)(
  "a %s neither reads nor ends what security is told",
  async (role) => {
    await expect(listThefts(staffContext(role))).rejects.toMatchObject({ name: "Denied" });
    await expect(seeThefts(staffContext(role), { userId: randomUUID() })).rejects.toMatchObject({
      name: "Denied",
    });
  },
);

test("only a theft can have been looked at, and only by somebody", async () => {
  const { id: userId } = await makeUser();
  await report(userId, { reason: "lost" });
  const mark = (by: string | null) =>
    db.sql`update grants set theft_seen_at = now(), theft_seen_by = ${by} where user_id = ${userId}`;
  await expect(mark("staff:x")).rejects.toThrow("grants_theft_seen");
  await db.sql`update grants set reason = 'stolen' where user_id = ${userId}`;
  await expect(mark(null)).rejects.toThrow("grants_theft_seen");
});
