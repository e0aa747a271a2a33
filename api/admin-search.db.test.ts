import { beforeAll, expect, test } from "vitest";
import { type OauthScope, oauthScopes } from "@/lib/staff/scopes";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { getToken, makeOauthClient, type TestOauthClient } from "@/tools/testing/oauth";
import { insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
let client: TestOauthClient;
let token = "";

beforeAll(async () => {
  client = await makeOauthClient(oauthScopes);
  token = await getToken(doors, client);
  for (let n = 0; n < 60; n += 1) {
    const { id } = await insertUser(db.sql, n === 0 ? { sms: "+12025550101" } : {});
    const email = `Person.${String(n).padStart(2, "0")}@Search.Example`;
    await db.sql`update users set email = ${email}, email_key = ${email.toLowerCase()} where id = ${id}`;
  }
  for (const email of ["a_b%c@odd.example", "axbyc@odd.example", "back\\slash@odd.example"]) {
    const { id } = await insertUser(db.sql);
    await db.sql`update users set email = ${email}, email_key = ${email} where id = ${id}`;
  }
  await insertUser(db.sql);
});

const search = (version: "v1" | "v2", query: string, body: unknown, as = token) =>
  doors.call("POST", `/AdminInterface/restapi/${version}/users/search${query}`, {
    headers: { authorization: `Bearer ${as}` },
    body,
  });
const emailsOf = (users: { emailAddress: string }[]) => users.map(({ emailAddress }) => emailAddress);

test("v1 answers an array of whole user objects in the order of their addresses, 25 at most", async () => {
  const all = await search("v1", "", { emailLike: "SEARCH.example" });
  expect(all.status).toBe(200);
  expect(all.body).toHaveLength(25);
  expect(emailsOf(all.body).slice(0, 2)).toEqual(["Person.00@Search.Example", "Person.01@Search.Example"]);
  expect(Object.keys(all.body[0])).toHaveLength(35);
  expect(all.body[0]).toMatchObject({
    smsNumber: "+1 202 555 0101",
    userStatus: "Enabled",
    isTokenLocked: false,
  });
  const some = await search("v1", "?pageSize=3&pageNumber=1&other=1", { emailLike: "person.1", extra: {} });
  expect(emailsOf(some.body)).toEqual([0, 1, 2].map((n) => `Person.1${n}@Search.Example`));
});

test("v2 answers pages from 0, with how many there are in all", async () => {
  const page = async (query: string) => (await search("v2", query, { emailLike: "@search" })).body;
  expect(await page("?pageSize=25")).toMatchObject({ totalPages: 3, totalElements: 60 });
  const last = await page("?pageSize=25&pageNumber=2");
  expect(emailsOf(last.elements)).toEqual(
    Array.from({ length: 10 }, (_, n) => `Person.${50 + n}@Search.Example`),
  );
  expect(await page("?pageSize=25&pageNumber=3")).toEqual({ totalPages: 3, totalElements: 60, elements: [] });
  expect(await page("?pageNumber=9999999&pageSize=1")).toEqual({
    totalPages: 60,
    totalElements: 60,
    elements: [],
  });
  const none = await search("v2", "", { emailLike: "nobody@nowhere" });
  expect(none.body).toEqual({ totalPages: 0, totalElements: 0, elements: [] });
});

test.each([
  ["a_b%c", ["a_b%c@odd.example"]],
  ["%", ["a_b%c@odd.example"]],
  ["\\", ["back\\slash@odd.example"]],
  ["' or 1=1 --", []],
  ["\0", []],
  ["\u200b", []],
  ["💥", []],
])("%j is looked for as it stands", async (emailLike, expected) => {
  const answer = await search("v2", "", { emailLike });
  expect(answer.status).toBe(200);
  expect(emailsOf(answer.body.elements)).toEqual(expected);
});

test.each([
  ["?pageSize=0", "v1"],
  ["?pageSize=26", "v1"],
  ["?pageSize=-1", "v2"],
  ["?pageSize=1.5", "v2"],
  ["?pageSize=x", "v1"],
  ["?pageSize=1&pageSize=2", "v2"],
  ["?pageNumber=-1", "v2"],
  ["?pageNumber=99999999999999999999", "v2"],
  ["?pageNumber=1e3", "v2"],
  ["?pageNumber=%00", "v2"],
] as const)("the page %s of %s is a bad request", async (query, version) => {
  const answer = await search(version, query, { emailLike: "a" });
  expect([answer.status, answer.body.code]).toEqual([400, "400 BAD_REQUEST"]);
});

test("a page that is left blank is the first, of 25", async () => {
  for (const version of ["v1", "v2"] as const)
    expect((await search(version, "?pageSize=&pageNumber=", { emailLike: "a" })).status).toBe(200);
});

test.each([
  {},
  { emailLike: "" },
  { emailLike: "  " },
  { emailLike: null },
  { emailLike: ["a"] },
  { emailLike: "x".repeat(400) },
  [],
  "x",
])("the body %j is a bad request", async (body) => {
  const answer = await search("v1", "", typeof body === "string" ? JSON.stringify(body) : body);
  expect([answer.status, answer.body.code]).toEqual([400, "400 BAD_REQUEST"]);
});

test("a search needs rsa.user.read", async () => {
  const others = oauthScopes.filter((scope: OauthScope) => scope !== "rsa.user.read").join(" ");
  const denied = await search("v2", "", { emailLike: "a" }, await getToken(doors, client, others));
  expect([denied.status, denied.body.error]).toEqual([403, "Forbidden"]);
  const allowed = await getToken(doors, client, "rsa.user.read");
  expect((await search("v2", "", { emailLike: "a" }, allowed)).status).toBe(200);
});

test("a crowd of searches is served in turn", async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => search("v2", "", { emailLike: "example" })),
  );
  expect(answers.every(({ status }) => status === 200)).toBe(true);
});
