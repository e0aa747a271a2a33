import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { changePhone } from "@/lib/delivery/change-phone";
import { handOver } from "@/lib/directory/hand-over";
import { importUsers } from "@/lib/directory/import";
import { findUserByName } from "@/lib/directory/store";
import { issueGrant } from "@/lib/grants/issue";
import { setUserStatus } from "@/lib/grants/set-user-status";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { wish } from "@/tools/testing/issuing";
import { insertUser } from "@/tools/testing/rows";
import { coreUrn, groupUrn, newLogin, openScim, patch } from "@/tools/testing/scim";

const db = openTestDatabase();
const doors = openDoors();
const { call, make, findBy } = openScim(doors);

test("somebody of a file is neither seen nor changed until an operator hands them over", async () => {
  const login = newLogin();
  const person = {
    directoryId: login,
    login,
    firstName: "Fi",
    lastName: "Le",
    displayName: "Fi Le",
    email: `mail.${login}`,
  };
  await inTransaction((tx) => importUsers(tx, [person]));
  const [row] = await db.sql`select id from users where login = ${login}`;
  expect((await call("GET", `/Users/${row?.id}`)).status).toBe(404);
  expect((await findBy(`userName eq "${login}"`)).body.totalResults).toBe(0);
  expect((await call("DELETE", `/Users/${row?.id}`)).status).toBe(404);
  for (const body of [
    { userName: login },
    { userName: newLogin(), emails: [{ value: person.email }] },
    { userName: newLogin(), emails: [{ value: login }] },
    { userName: person.email.toUpperCase() },
    { userName: newLogin(), externalId: login },
  ])
    expect(await call("POST", "/Users", { schemas: [coreUrn], ...body })).toMatchObject({
      status: 409,
      body: { scimType: "uniqueness" },
    });
  const theirs = await make();
  for (const value of [login, person.email])
    expect(
      await call("PATCH", `/Users/${theirs.id}`, patch({ op: "replace", path: "userName", value })),
    ).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
  const group = { schemas: [groupUrn], displayName: `g ${login}`, members: [{ value: row?.id }] };
  expect((await call("POST", "/Groups", group)).status).toBe(400);
  expect((await db.sql`select 1 from directory_group where name = ${group.displayName}`).length).toBe(0);
  const [of] = await db.sql<{ id: string }[]>`
    update users set source = 'ldap' where id = ${(await insertUser(db.sql)).id} returning id`;
  await handOver({ ...staffContext("owner"), actor: { kind: "operator", name: "test" } }, "scim");
  expect(await db.sql`select source from users where id = ${of?.id as string}`).toEqual([{ source: "ldap" }]);
  expect((await findBy(`userName eq "${login}"`)).body.Resources).toMatchObject([{ id: row?.id }]);
});

test.each<[string, () => Promise<{ op: string; path: string; value: unknown }>]>([
  [
    "the login of somebody whom SCIM keeps",
    async () => ({ op: "replace", path: "userName", value: (await make()).userName }),
  ],
  [
    "the login of somebody of a file",
    async () => ({ op: "replace", path: "userName", value: (await insertUser(db.sql)).login }),
  ],
  [
    "the address of somebody of a file",
    async () => {
      const email = `taken.${randomUUID()}@corp.example`;
      await db.sql`update users set email = ${email}, email_key = ${email} where id = ${(await insertUser(db.sql)).id}`;
      return { op: "replace", path: "emails", value: [{ value: email }] };
    },
  ],
])(
  "who leaves is disabled at once, with all emergency access, though the message brings %s: they keep their names",
  async (_, bring) => {
    const theirs = await make();
    await issueGrant(staffContext(), wish(theirs.id, { method: "access_code" }));
    const brought = await bring();
    const disabling = { op: "replace", path: "active", value: false };
    expect(await call("PATCH", `/Users/${theirs.id}`, patch(brought, disabling))).toMatchObject({
      status: 200,
      body: { active: false, userName: theirs.userName },
    });
    const ended = await db.sql`
    select u.login, u.disabled_at is not null as disabled, g.ended_as from users u join grants g on g.user_id = u.id
    where u.id = ${theirs.id}`;
    expect(ended).toEqual([{ login: theirs.userName, disabled: true, ended_as: "revoked" }]);
    expect(await call("PATCH", `/Users/${theirs.id}`, patch(brought))).toMatchObject({
      status: 409,
      body: { scimType: "uniqueness" },
    });
  },
);

test.each<[string, (login: string, email: string) => Promise<{ status: number }>]>([
  [
    "somebody new",
    (_, email) => call("POST", "/Users", { schemas: [coreUrn], userName: email.toUpperCase() }),
  ],
  [
    "somebody's address",
    async (login) => {
      const theirs = await make();
      const emails = { op: "replace", path: "emails", value: [{ value: login }] };
      return call("PATCH", `/Users/${theirs.id}`, patch(emails));
    },
  ],
])("a name that a file brings at the very moment isn't taken for %s", async (_, bring) => {
  const [login, email] = [newLogin(), `both.${randomUUID()}@corp.example`];
  const person = { directoryId: login, login, firstName: "Fi", lastName: "Le", displayName: "Fi Le", email };
  let answer: Promise<{ status: number }> | undefined;
  await inTransaction(async (tx) => {
    await importUsers(tx, [person]);
    answer = bring(login, email);
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  expect(await answer).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
});

test.each<[string, (id: string) => Promise<unknown>]>([
  [
    "by SCIM",
    async (id) =>
      (await call("PATCH", `/Users/${id}`, patch({ op: "replace", path: "active", value: true }))).status,
  ],
  [
    "by staff",
    async (userId) => {
      const done = await setUserStatus(staffContext("owner"), { userId, isDisabled: false });
      return done.ok || done.reason;
    },
  ],
])("who left isn't enabled %s at the very moment at which a file brings their address", async (_, enable) => {
  const email = `back.${randomUUID()}@corp.example`;
  const theirs = await make({ emails: [{ value: email, primary: true }], active: false });
  const person = {
    directoryId: email,
    login: newLogin(),
    firstName: "Fi",
    lastName: "Le",
    displayName: "Fi Le",
    email,
  };
  let answer: Promise<unknown> | undefined;
  await inTransaction(async (tx) => {
    await importUsers(tx, [person]);
    answer = enable(theirs.id);
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  expect([409, "namesake"]).toContain(await answer);
});

test("a number that staff set stays whatever the directory says, and one that it changes bears its date, unheld", async () => {
  const user = await make({
    phoneNumbers: [
      { type: "mobile", value: "+12025550161" },
      { type: "work", value: "+12025550162" },
    ],
  });
  const changed = await changePhone(staffContext("security"), {
    userId: user.id,
    channel: "sms",
    number: "+12025550163",
  });
  expect(changed.ok).toBe(true);
  await db.sql`update user_phone set changed_at = now() - interval '1 day' where user_id = ${user.id}`;
  const answer = await call(
    "PATCH",
    `/Users/${user.id}`,
    patch(
      { op: "Replace", path: 'phoneNumbers[type eq "mobile"].value', value: "+12025550164" },
      { op: "Replace", path: 'phoneNumbers[type eq "work"].value', value: "+12025550165" },
    ),
  );
  expect(answer.body.phoneNumbers).toEqual([
    { value: "+12025550163", type: "mobile" },
    { value: "+12025550165", type: "work" },
  ]);
  const rows = await db.sql`select channel, changed_by is null as synced, held_until is not null as held,
    changed_at > now() - interval '1 minute' as fresh from user_phone where user_id = ${user.id} order by channel`;
  expect(rows).toEqual([
    { channel: "sms", synced: false, held: true, fresh: false },
    { channel: "voice", synced: true, held: false, fresh: true },
  ]);
});

test("a number that staff took away stays away whatever the directory says", async () => {
  const phoneNumbers = [{ type: "mobile", value: "+12025550171" }];
  const user = await make({ phoneNumbers });
  await changePhone(staffContext("security"), { userId: user.id, channel: "sms", number: null });
  const answer = await call("PUT", `/Users/${user.id}`, {
    schemas: [coreUrn],
    userName: user.userName,
    phoneNumbers,
  });
  expect(answer.status).toBe(200);
  expect(answer.body.phoneNumbers).toBeUndefined();
  expect(await db.sql`select 1 from user_phone where user_id = ${user.id}`).toHaveLength(0);
});

test("whoever leaves while access is given to them has none afterwards (leave-against-issue)", async () => {
  for (let round = 0; round < 6; round += 1) {
    const user = await make();
    const leave =
      round % 2 === 0
        ? () => call("PATCH", `/Users/${user.id}`, patch({ op: "replace", path: "active", value: false }))
        : () => call("DELETE", `/Users/${user.id}`);
    const issue = () =>
      issueGrant(staffContext("owner"), {
        userId: user.id,
        method: "access_code",
        reason: "lost",
        replaces: "any",
        formId: randomUUID(),
      });
    await issue();
    await Promise.all([issue(), leave(), issue()]);
    const [row] = await db.sql`
      select (select count(*)::int from grants where user_id = ${user.id} and ended_at is null) as live, disabled_at is not null as disabled
      from users where id = ${user.id}`;
    expect(row).toEqual({ live: 0, disabled: true });
  }
  expect((await db.sql`select 1 from grants where end_reason = 'disabled'`).length).toBeGreaterThan(0);
});

test("the address of somebody of a file who left is free, and leads to whoever has it since", async () => {
  const email = `${newLogin()}@corp.example`;
  const { id: left } = await insertUser(db.sql);
  await db.sql`update users set email = ${email}, email_key = ${email} where id = ${left}`;
  const emails = [{ value: email, primary: true }];
  const ask = () => call("POST", "/Users", { schemas: [coreUrn], userName: newLogin(), emails });
  expect(await ask()).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
  await db.sql`update users set disabled_at = now() where id = ${left}`;
  const { status, body } = await ask();
  expect(status).toBe(201);
  expect(await inStatement((tx) => findUserByName(tx, email))).toMatchObject({ id: body.id });
});

test("who left is not brought back while their name leads to somebody else who may sign in", async () => {
  const theirs = await make();
  const setActive = (active: boolean) =>
    call("PATCH", `/Users/${theirs.id}`, patch({ op: "replace", path: "active", value: active }));
  await setActive(false);
  const other = await insertUser(db.sql);
  await db.sql`update users set email = ${theirs.userName}, email_key = ${theirs.userName} where id = ${other.id}`;
  expect(await setActive(true)).toMatchObject({ status: 409, body: { scimType: "uniqueness" } });
  await db.sql`update users set disabled_at = now() where id = ${other.id}`;
  expect(await setActive(true)).toMatchObject({ status: 200, body: { active: true } });
});
