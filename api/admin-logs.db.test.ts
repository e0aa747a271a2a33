import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { type OauthScope, oauthScopes } from "@/lib/staff/scopes";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { getToken, makeOauthClient, type TestOauthClient } from "@/tools/testing/oauth";
import { insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
let client: TestOauthClient;
let all = "";
let userId = "";
const get = (path: string, token = all) =>
  doors.call("GET", `/AdminInterface/restapi/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
const day = "startTimeAfter=2020-01-01T00:00:00Z&endTimeOnOrBefore=2020-01-02T00:00:00Z";

type EventArguments = [kind: string, outcome: string, reason: string | null, details: object, second: number];
const addEvent = (userId: string, ...[kind, outcome, reason, details, second]: EventArguments) =>
  db.sql`insert into audit_event (at, kind, outcome, reason, actor_kind, user_id, request_id, details)
    values (timestamptz '2020-01-01T00:00:00Z' + make_interval(secs => ${second}), ${kind}, ${outcome}, ${reason}, 'user', ${userId}, 'r',
      ${db.sql.json(details as never)})`;

beforeAll(async () => {
  client = await makeOauthClient(oauthScopes);
  all = await getToken(doors, client);
  userId = (await insertUser(db.sql)).id;
  const add = (...event: EventArguments) => addEvent(userId, ...event);
  await add("delivery.asked", "ok", null, { channel: "sms", purpose: "otp" }, 0);
  await add("delivery.asked", "ok", null, { channel: "voice", purpose: "otp" }, 1);
  await add("delivery.asked", "refused", "send_limit", { channel: "sms" }, 2);
  await add("otp.judged", "refused", "wrong", { method: "sms" }, 3);
  await add("grant.redeemed", "ok", null, { method: "sms" }, 4);
  await add("code.judged", "refused", "wrong", {}, 5);
  await add("code.throttled", "refused", "throttled", {}, 6);
  await add("grant.redeemed", "ok", null, { method: "access_code" }, 7);
  await add("grant.issued", "ok", null, { method: "sms" }, 8);
  await add("user.unlocked", "ok", null, {}, 86_400);
});

const codesOf = (entries: { eventCode: string }[]) => entries.map(({ eventCode }) => Number(eventCode));

test("user events come the oldest first, after the one time and up to the other, with RSA's numbers", async () => {
  const { status, body } = await get(`/usereventlog/exportlogs?${day}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ totalPages: 1, totalElements: 8, pageSize: 100, currentPage: 0 });
  expect(codesOf(body.userEventLogExportEntries)).toEqual([20851, 21903, 21902, 21901, 30002, 2, 30001, 3]);
  expect(Object.keys(body.userEventLogExportEntries[0])).toHaveLength(23);
  expect(body.userEventLogExportEntries[0]).toMatchObject({
    eventLogDate: "2020-01-01T00:00:01.000Z",
    eventType: "user",
    method: "Voice Tokencode",
  });
});

test("no event comes in before one that was told: what is newer than an open transaction waits for it", async () => {
  const { id } = await insertUser(db.sql);
  const write = (sql: typeof db.sql, kind: string) =>
    sql`insert into audit_event (kind, outcome, actor_kind, user_id, request_id) values (${kind}, 'ok', 'system', ${id}, 'late')`;
  const read = async () => {
    const { body } = await get("/usereventlog/exportlogs");
    return (
      body.userEventLogExportEntries as { eventType: string; userActivityId: string; eventCode: string }[]
    ).filter(({ userActivityId }) => userActivityId === "late");
  };
  await db.sql.begin(async (open) => {
    await write(open as unknown as typeof db.sql, "code.throttled");
    await write(db.sql, "user.unlocked");
    expect(await read()).toEqual([]);
  });
  await expect.poll(async () => codesOf(await read())).toHaveLength(2);
});

test("an event of the millisecond in which an open transaction began waits for it: those who come again ask after the last time told", async () => {
  const { id } = await insertUser(db.sql);
  await db.sql.begin(async (open) => {
    const [began] =
      await open`select pg_current_xact_id(), extract(epoch from date_trunc('milliseconds', now()))::float8 as at`;
    await db.sql`insert into audit_event (at, kind, outcome, actor_kind, user_id, request_id)
      values (to_timestamp(${began?.at}), 'user.unlocked', 'ok', 'system', ${id}, 'same')`;
    const { body } = await get("/usereventlog/exportlogs");
    expect(JSON.stringify(body)).not.toContain("same");
  });
  await expect
    .poll(async () => JSON.stringify((await get("/usereventlog/exportlogs")).body))
    .toContain("same");
});

test("pages begin at 0; beyond the last there is nothing, and no page is larger than 100", async () => {
  const page = async (query: string) => (await get(`/usereventlog/exportlogs/?${day}&${query}`)).body;
  const second = await page("pageSize=3&pageNumber=1");
  expect(second).toMatchObject({ totalPages: 3, totalElements: 8, pageSize: 3, currentPage: 1 });
  expect(codesOf(second.userEventLogExportEntries)).toEqual([21901, 30002, 2]);
  expect((await page("pageNumber=99999999")).userEventLogExportEntries).toEqual([]);
  for (const size of ["0", "-5", "101", "9999999"])
    expect((await page(`pageSize=${size}`)).pageSize).toBe(100);
});

test("admin events are all others; unlocking stands in both", async () => {
  const { status, body } = await get(`/adminlog/exportLogs?${day}`);
  expect(status).toBe(200);
  expect(body.elements.map(({ activityKey }: { activityKey: string }) => activityKey)).toEqual([
    "GRANT_ISSUED",
    "USER_UNLOCKED",
  ]);
  expect(Object.keys(body.elements[0])).toHaveLength(23);
  expect(body.elements[0]).toMatchObject({
    result: "SUCCESS",
    targetObject1Id: userId,
    targetObject1Type: "USER",
  });
});

test("a text or call in place of an earlier one is told as a resend", async () => {
  const { id } = await insertUser(db.sql);
  for (const channel of ["sms", "voice"])
    await addEvent(id, "delivery.asked", "ok", null, { channel, purpose: "otp", again: true }, 90_000);
  expect(codesOf((await get(`/users/${id}/authlogs`)).body)).toEqual([20854, 20804]);
});

test("without times the last day is told, with who it was, and reading is itself an event", async () => {
  await expect
    .poll(async () => (await get("/adminlog/exportlogs")).body.elements)
    .toContainEqual(expect.objectContaining({ activityKey: "AUDIT_READ", adminUserName: "an OAuth client" }));
});

test("a user's log is their newest 100, the newest first, by code and time", async () => {
  const codes = async (query = "") => codesOf((await get(`/users/${userId}/authlogs/${query}`)).body);
  expect(await codes()).toEqual([3, 30001, 2, 30002, 21901, 21902, 21903, 20851, 20801]);
  expect(await codes("?eventCode=21902")).toEqual([21902]);
  expect(await codes("?eventCode=7")).toEqual([]);
  expect(await codes(`?${day}&eventCode=`)).toHaveLength(8);
  expect(
    await codes("?startTimeAfter=2020-01-01T05:30:06+05:30&endTimeOnOrBefore=2020-01-01T00:00:07"),
  ).toEqual([30001]);
  const many = (await insertUser(db.sql)).id;
  await db.sql`insert into audit_event (kind, outcome, actor_kind, user_id, request_id) select 'attempt.begun', 'ok', 'user', ${many}, 'r'
    from generate_series(1, 120)`;
  expect((await get(`/users/${many}/authlogs`)).body).toHaveLength(100);
  for (const id of [randomUUID(), "nobody", "%00", "' or 1=1"])
    expect((await get(`/users/${id}/authlogs`)).status).toBe(404);
});

test.each([
  "/usereventlog/exportlogs?pageNumber=-1",
  "/usereventlog/exportlogs?pageNumber=1.5",
  "/adminlog/exportlogs?pageSize=x",
  "/adminlog/exportlogs?pageSize=1&pageSize=2",
  "/adminlog/exportlogs?startTimeAfter=yesterday",
  "/adminlog/exportlogs?startTimeAfter=2020-13-45T00:00:00Z",
  "/adminlog/exportlogs?startTimeAfter=2020-02-30T00:00:00Z",
  "/usereventlog/exportlogs?endTimeOnOrBefore=2021-02-29",
  "/adminlog/exportlogs?startTimeAfter=%00",
  "/usereventlog/exportlogs?endTimeOnOrBefore=' or 1=1",
  "/usereventlog/exportlogs?endTimeOnOrBefore=9999-12-31T00:00:00Z",
])("%s is a bad request", async (path) => {
  const { status, body } = await get(path);
  expect([status, body.code]).toEqual([400, "400 BAD_REQUEST"]);
});

test.each<[string, OauthScope]>([
  ["/usereventlog/exportlogs", "rsa.audit.user"],
  ["/adminlog/exportlogs", "rsa.audit.admin"],
  ["/users/ID/authlogs", "rsa.audit.user"],
])("%s needs %s", async (path, scope) => {
  const address = path.replace("ID", userId);
  const others = oauthScopes.filter((each) => each !== scope).join(" ");
  expect((await get(address, await getToken(doors, client, others))).status).toBe(403);
  expect((await get(address, await getToken(doors, client, scope))).status).toBe(200);
});
