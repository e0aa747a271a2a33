import { expect, test } from "vitest";
import { describeUser } from "@/lib/authn/describe-user";
import { findUsers } from "@/lib/directory/search";
import { setUserStatus } from "@/lib/grants/set-user-status";
import { inStatement } from "@/lib/platform/transaction";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertGrant } from "@/tools/testing/rows";
import { coreUrn, enterpriseUrn, groupUrn, openScim, patch } from "@/tools/testing/scim";
import { toUserObject } from "./admin-user";

const db = openTestDatabase();
const doors = openDoors();
const directory = openScim(doors);
const { call, make } = directory;

async function makeGroup(displayName: string, ...memberIds: string[]) {
  const members = memberIds.map((value) => ({ value }));
  const answer = await call("POST", "/Groups", { schemas: [groupUrn], displayName, members });
  if (answer.status !== 201) throw new Error(`no group: ${JSON.stringify(answer.body)}`);
  return answer.body as { id: string; members: { value: string }[] };
}

const eventsOf = async (headers: Headers) => {
  const rows =
    await db.sql`select kind, outcome, user_id, target_id, details, actor_id from audit_event where request_id = ${headers.get("x-request-id")} order by id`;
  return rows.map((row) => ({
    actor: row.actor_id,
    details: row.details,
    what: `${row.kind} ${row.outcome}`,
  }));
};
const kindsOf = async (headers: Headers) => (await eventsOf(headers)).map(({ what }) => what);

const liveGrants = async (id: string) =>
  (await db.sql`select 1 from grants where user_id = ${id} and ended_at is null`).length;

const find = async (query: string) =>
  (await inStatement((tx) => findUsers(tx, { query }))).users.map(({ id }) => id);

test("a user whom the directory brings is found by the look-up at once, with all that was said", async () => {
  const manager = await make({ displayName: "Quintessa Manager" });
  const answer = await call("POST", "/Users", {
    schemas: [coreUrn, enterpriseUrn],
    externalId: "ext-58342554",
    userName: "Zebulon.Quick@contoso.example",
    name: { formatted: "Ignored", givenName: "Zebulon", familyName: "Quick" },
    title: "Tour Guide",
    preferredLanguage: "de-DE",
    timezone: "Europe/Berlin",
    active: true,
    nickName: "unknown to us",
    emails: [{ type: "work", primary: true, value: "zq@contoso.example" }],
    phoneNumbers: [
      { type: "mobile", value: "+1 202-555-0141" },
      { type: "work", value: "+44 20 7946 0142" },
      { type: "fax", value: "nonsense" },
    ],
    [enterpriseUrn]: { employeeNumber: "E701984", department: "Tours", manager: { value: manager.id } },
  });
  expect(answer.status).toBe(201);
  expect(answer.headers.get("content-type")).toContain("application/scim+json");
  expect(answer.headers.get("location")).toBe(`http://localhost:3000/scim/v2/Users/${answer.body.id}`);
  expect(answer.headers.get("etag")).toBe(answer.body.meta.version);
  expect(answer.body).toMatchObject({
    schemas: [coreUrn, enterpriseUrn],
    externalId: "ext-58342554",
    userName: "Zebulon.Quick@contoso.example",
    name: { givenName: "Zebulon", familyName: "Quick" },
    displayName: "Zebulon Quick",
    active: true,
    emails: [{ value: "zq@contoso.example", type: "work", primary: true }],
    phoneNumbers: [
      { value: "+12025550141", type: "mobile" },
      { value: "+442079460142", type: "work" },
    ],
    [enterpriseUrn]: {
      employeeNumber: "E701984",
      department: "Tours",
      manager: { value: manager.id, displayName: "Quintessa Manager" },
    },
  });
  expect(answer.body).not.toHaveProperty("nickName");
  expect(await find("zebulon")).toEqual([answer.body.id]);
  expect(await find("+12025550141")).toEqual([answer.body.id]);
  const [row] = await db.sql`select source, directory_id from users where id = ${answer.body.id}`;
  expect(row).toEqual({ source: "scim", directory_id: "ext-58342554" });
  const events = await eventsOf(answer.headers);
  expect(events.map(({ what }) => what)).toEqual(["user.added ok", "phone.changed ok", "phone.changed ok"]);
  expect(events.every(({ actor }) => actor === directory.clientId)).toBe(true);
  expect(JSON.stringify(events)).not.toMatch(/5550141|79460142/);
  expect(await call("GET", `/Users/${answer.body.id}`)).toMatchObject({ status: 200, body: answer.body });
});

test("whoever is not active any more loses every live grant in the same transaction", async () => {
  for (const value of [false, "False"]) {
    const user = await make({ phoneNumbers: [{ type: "mobile", value: "+12025550143" }] });
    await insertGrant(db.sql, user.id, "sms");
    const answer = await call("PATCH", `/Users/${user.id}`, patch({ op: "Replace", path: "active", value }));
    expect(answer).toMatchObject({ status: 200, body: { active: false } });
    expect(await liveGrants(user.id)).toBe(0);
    const [row] = await db.sql`
      select u.xmin = g.xmin as same from users u join grants g on g.user_id = u.id where u.id = ${user.id}`;
    expect(row).toEqual({ same: true });
    expect(await kindsOf(answer.headers)).toEqual(
      expect.arrayContaining(["grant.revoked ok", "user.disabled ok"]),
    );
  }
});

test("a deleted user loses every grant, is gone for SCIM and the look-up, stays in the log, and the name is free", async () => {
  const user = await make({ displayName: "Xanthippe Gone", externalId: "gone-1" });
  await insertGrant(db.sql, user.id, "sms");
  const gone = await call("DELETE", `/Users/${user.id}`);
  expect(gone.status).toBe(204);
  expect(await liveGrants(user.id)).toBe(0);
  expect(await kindsOf(gone.headers)).toEqual(["grant.revoked ok", "user.disabled ok", "user.deleted ok"]);
  for (const method of ["GET", "DELETE"]) expect((await call(method, `/Users/${user.id}`)).status).toBe(404);
  expect(
    (await call("PATCH", `/Users/${user.id}`, patch({ op: "add", value: { active: true } }))).status,
  ).toBe(404);
  expect(
    (await call("GET", `/Users?filter=${encodeURIComponent(`userName eq "${user.userName}"`)}`)).body
      .totalResults,
  ).toBe(0);
  expect(await find("xanthippe")).toEqual([]);
  const [row] =
    await db.sql`select deleted_at is not null as gone, deleted_by, disabled_at is not null as disabled from users where id = ${user.id}`;
  expect(row).toEqual({ gone: true, deleted_by: "Entra", disabled: true });
  expect((await db.sql`select 1 from grants where user_id = ${user.id}`).length).toBe(1);
  const told = await describeUser(staffContext("security"), { username: user.userName });
  if (!told.ok) throw new Error(told.reason);
  expect(told.user).toMatchObject({ id: user.id, deletedBy: "Entra", source: "scim" });
  expect(toUserObject(told.user)).toMatchObject({ markDeleted: true, identitySource: "SCIM" });
  const enabled = await setUserStatus(staffContext("owner"), { userId: user.id, isDisabled: false });
  expect(enabled).toEqual({ ok: false, reason: "user_not_found" });
  const again = await call("POST", "/Users", {
    schemas: [coreUrn],
    userName: user.userName,
    externalId: "gone-1",
  });
  expect(again.status).toBe(201);
  expect(again.body.id).not.toBe(user.id);
  expect(await describeUser(staffContext("security"), { username: user.userName })).toMatchObject({
    user: { id: again.body.id, deletedAt: null },
  });
});

test("a group is known by its name, and its members are judged by it from that commit on", async () => {
  const [one, two] = [await make(), await make()];
  const group = await makeGroup("Domain Admins 1", one.id);
  expect(group.members.map(({ value }) => value)).toEqual([one.id]);
  const entra = await call(
    "PATCH",
    `/Groups/${group.id}`,
    patch({ op: "Add", path: "members", value: [{ value: two.id }] }),
  );
  expect(entra.status).toBe(200);
  expect(await kindsOf(entra.headers)).toEqual(["group.member-added ok"]);
  const names = await db.sql`select group_name from user_group where user_id = ${two.id}`;
  expect(names).toEqual([{ group_name: "Domain Admins 1" }]);
});
