import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { issueGrant } from "@/lib/grants/issue";
import { inTransaction } from "@/lib/platform/transaction";
import { clientContext, openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { expectIssued, wish } from "@/tools/testing/issuing";
import { insertUser } from "@/tools/testing/rows";
import { importUsers } from "./import";
import { lookUpUsers, numbersMax } from "./look-up";

const db = openTestDatabase();

test("whoever is found, however, is shown with what is open now, what ends last first", async () => {
  const desk = staffContext("owner");
  const name = { firstName: "Zebedee", lastName: "Quill", displayName: "Zebedee Mortimer Quill" };
  await inTransaction((tx) =>
    importUsers(tx, [{ directoryId: "zq", login: "zq", ...name, phones: { sms: "+12025550188" } }]),
  );
  const [row] = await db.sql<{ id: string }[]>`select id from users where directory_id = 'zq'`;
  const id = row?.id as string;
  const text = expectIssued(await issueGrant(desk, wish(id, { method: "sms", windowSeconds: 600 })));
  const code = expectIssued(await issueGrant(desk, wish(id, { windowSeconds: 3600 })));
  const open = [code, text].map(({ grant }) => [grant.method, grant.expiresAt.getTime()]);
  for (const query of ["Zebedee", "quil zeb", "zebe quil mo", "+12025550188"]) {
    const { users } = await lookUpUsers(desk, { query });
    expect(
      users.map(({ access }) => access.map((each) => [each.method, Date.parse(each.expiresAt)])),
    ).toEqual([open]);
  }
});

test("who may not search looks nobody up", async () => {
  const nobody = staffContext("helpdesk", { role: "nobody" as never });
  await expect(lookUpUsers(nobody, { query: "ada" })).rejects.toBeDefined();
  for (const ctx of [publicContext(), clientContext(null)])
    await expect(lookUpUsers(ctx, { query: "ada" })).rejects.toMatchObject({ name: "Denied" });
});

test("numbers-tried-out: whoever sees masked numbers finds nobody by the next whole number after so many, and the log has it once", async () => {
  const desk = staffContext("helpdesk");
  const phone = `+1202555${String(randomInt(10_000)).padStart(4, "0")}`;
  await insertUser(db.sql, { sms: phone });
  const ask = (query: string) => lookUpUsers(desk, { query });
  for (let part = 3; part < phone.length; part += 1) await ask(phone.slice(0, part));
  for (let tried = 1; tried <= numbersMax; tried += 1) expect((await ask(phone)).users).toHaveLength(1);
  for (let tried = 1; tried <= 3; tried += 1)
    expect(await ask(phone)).toEqual({ users: [], more: "no_numbers" });
  const events =
    await db.sql`select kind, outcome, reason from audit_event where request_id = ${desk.requestId}`;
  expect(events).toEqual([{ kind: "access.denied", outcome: "denied", reason: "phone:read" }]);
  expect((await lookUpUsers(staffContext("helpdesk"), { query: phone })).users).toHaveLength(1);
});

test("whoever may see numbers looks by as many as they like", async () => {
  const security = staffContext("security");
  const phone = `+1202555${String(randomInt(10_000)).padStart(4, "0")}`;
  await insertUser(db.sql, { sms: phone });
  for (let tried = 0; tried <= numbersMax; tried += 1)
    expect((await lookUpUsers(security, { query: phone })).users.length).toBeGreaterThan(0);
});

test("of a crowd that has access a look-up reads what is theirs whom it shows, also before the database has counted the crowd", async () => {
  await db.sql`
    insert into users (directory_id, login, login_key, first_name, last_name, display_name)
    select 'crowd' || i, 'crowd' || i, 'crowd' || i, 'A', 'B', 'A B' from generate_series(1, 2000) i`;
  const giveAll = (startsAt: string, endedAs: string | null) => db.sql`
    insert into grants (user_id, method, starts_at, expires_at, issuer_kind, reason, policy_version, generation, ended_at, ended_as)
    select id, 'sms', ${startsAt}::timestamptz, ${startsAt}::timestamptz + interval '4 hours', 'system', 'lost', 0, 1,
      case when ${endedAs}::text is not null then now() end, ${endedAs}
    from users where directory_id like 'crowd%'`;
  await giveAll("2026-01-01T00:00:00Z", "expired");
  await giveAll("2026-01-02T00:00:00Z", "expired");
  await db.sql`analyze grants`;
  await giveAll(new Date().toISOString(), null);
  const plan = await db.sql<{ "QUERY PLAN": string }[]>`
    explain (analyze, timing off)
    select * from shown_user where id = any(array(select id from users where directory_id like 'crowd%' limit 20))`;
  const lines = plan.map((row) => row["QUERY PLAN"]);
  const from = lines.findIndex((line) => line.includes(" on grants "));
  expect(lines.slice(from + 1, from + 3).join("\n")).toContain("Index Cond: (user_id = u.id");
});
