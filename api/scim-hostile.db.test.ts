import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createClient } from "@/lib/clients/create";
import { endClient } from "@/lib/clients/end";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { callScim, coreUrn, makeScimToken, newLogin, openScim, patch } from "@/tools/testing/scim";

const db = openTestDatabase();
const doors = openDoors();
const directory = openScim(doors);
const { call, make, findBy } = directory;

test("without a live token of a directory nothing is told, and the answer says how to ask", async () => {
  const other = await createClient(staffContext("owner"), { kind: "client_key", name: "vpn" });
  const ended = await makeScimToken();
  await endClient(staffContext("owner"), { clientId: ended.id });
  const key = other.ok && other.kind === "client_key" ? other.clientKey : "";
  for (const wrong of ["x", "x".repeat(5_000), key, ended.token]) {
    const answer = await callScim(doors, wrong, "GET", "/Users");
    expect(answer).toMatchObject({ status: 401, body: { status: "401" } });
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="scim"/);
  }
  const bare = await doors.call("GET", "/scim/v2/ServiceProviderConfig");
  expect(bare.status).toBe(401);
  expect(bare.headers.get("www-authenticate")).toBe('Bearer realm="scim"');
  const asKey = await doors.call("POST", "/mfa/v1_1/authn/initialize", {
    headers: { "client-key": directory.token },
    body: {},
  });
  expect(asKey.status).toBe(403);
});

test("a client that calls too often waits", async () => {
  const { token: slow } = await makeScimToken(2);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => callScim(doors, slow, "GET", "/Schemas")),
  );
  const late = answers.find(({ status }) => status === 429);
  expect(late?.body).toMatchObject({ status: "429" });
  expect(late?.headers.get("retry-after")).toMatch(/^\d+$/);
});

test.each([
  `userName eq "x' or '1'='1"`,
  `userName eq "x\\"; drop table users; --"`,
  `displayName co "%' union select secret_digest from client --"`,
  `userName sw "_%"`,
  `id eq "x' or true --"`,
  `emails.value co "'||pg_sleep(10)||'"`,
  `name.familyName ew "\\\\"`,
])("%s is a filter that fits nobody, and does nothing else", async (filter) => {
  await make({ displayName: "Somebody" });
  const answer = await findBy(filter);
  expect(answer).toMatchObject({ status: 200, body: { totalResults: 0 } });
  expect((await db.sql`select 1 from users limit 1`).length).toBe(1);
});

test.each([
  ["no attribute", `password eq "x"`],
  ["a prototype's key", `__proto__ eq "x"`],
  ["another prototype's key", `constructor.prototype pr`],
  ["SQL in place of a name", `1;drop eq "x"`],
  ["no operator", `userName is "x"`],
  ["a bracket left open", `(userName eq "x"`],
  ["a string left open", `userName eq "x`],
  ["a string left open over many lines", `userName eq "${"\n".repeat(60)}`],
  ["a NUL", `userName eq "a\u0000b"`],
  ["an escaped NUL", `userName eq "a\\u0000b"`],
  ["more text than there may be", `userName eq "${"x".repeat(3_000)}"`],
  ["brackets without end", `${"(".repeat(900)}userName pr${")".repeat(900)}`],
  ["negations without end", `${"not ".repeat(300)}(userName pr)`],
  ["comparisons without end", Array.from({ length: 60 }, () => "title pr").join(" or ")],
  ["values in values", `emails[value[type eq "x"] eq "y"]`],
  ["a list of a single value", `userName[value eq "x"]`],
  ["a time that is none", `meta.created gt "yesterday"`],
  ["an order of booleans", `active gt true`],
  ["a number for a string", `userName eq 5`],
  ["a part of a boolean", `active co "t"`],
])("a filter with %s is refused at once", async (_what, filter) => {
  const begun = performance.now();
  const answer = await call("POST", "/Users/.search", {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
    filter,
  });
  expect(answer).toMatchObject({ status: 400, body: { status: "400", scimType: "invalidFilter" } });
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test("a filter is read in full: precedence, not, pr, ne, times and values with backslashes", async () => {
  const user = await make({
    userName: "CONTOSO\\filter.me",
    title: 'Chief "Q" Officer',
    name: { familyName: "Zz-Filter" },
  });
  const yes = [
    `userName eq "contoso\\\\FILTER.me"`,
    `title eq "chief \\"q\\" officer" and not (active eq false)`,
    `name.familyName sw "zz-f" and (title co "NOPE" or meta.lastModified gt "2011-05-13T04:42:34Z")`,
    `name.familyName eq "Zz-Filter" and preferredLanguage ne "de" and not (phoneNumbers pr)`,
    `title co "nope" and title co "nope" or name.familyName eq "zz-filter"`,
    `urn:ietf:params:scim:schemas:core:2.0:User:name.familyName ew "FILTER"`,
    `name.familyName eq "Zz-Filter" and active eq "True" and externalId eq null`,
  ];
  for (const filter of yes)
    expect([filter, (await findBy(filter)).body.Resources?.map(({ id }: { id: string }) => id)]).toEqual([
      filter,
      [user.id],
    ]);
});

test("pages out of range are empty, never an error, and all pages together are everybody once", async () => {
  for (let i = 0; i < 5; i += 1) await make({ title: "paged" });
  const page = (query: string) =>
    call("GET", `/Users?filter=${encodeURIComponent('title eq "paged"')}&${query}`);
  for (const [query, length, startIndex] of [
    ["startIndex=6", 0, 6],
    ["startIndex=999999999999999999", 0, 1_000_000_000],
    ["startIndex=0&count=2", 2, 1],
    ["startIndex=-7&count=99999", 5, 1],
    ["count=0", 0, 1],
    ["count=-1", 0, 1],
  ] as const)
    expect(await page(query)).toMatchObject({
      status: 200,
      body: { totalResults: 5, itemsPerPage: length, startIndex },
    });
  for (const query of ["startIndex=one", "count=1e9", "count=1.5"])
    expect(await page(query)).toMatchObject({ status: 400, body: { scimType: "invalidValue" } });
  const ids = new Set<string>();
  for (let at = 1; at <= 5; at += 2)
    for (const { id } of (await page(`startIndex=${at}&count=2`)).body.Resources) ids.add(id);
  expect(ids.size).toBe(5);
  expect(await call("GET", "/Users?filter=title%20pr&filter=title%20pr")).toMatchObject({ status: 400 });
});

test.each<[string, unknown, number, string?]>([
  ["is no JSON", "{", 400, "invalidSyntax"],
  ["is empty", "", 400, "invalidSyntax"],
  ["is a list", [], 400, "invalidSyntax"],
  ["is deep", `${"[".repeat(20_000)}${"]".repeat(20_000)}`, 400, "invalidSyntax"],
  ["has a deep value", `{"userName":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, 400, "invalidValue"],
  ["is huge", { userName: "x".repeat(70_000) }, 413],
  ["has a prototype's key", '{"userName":"a","__proto__":{"active":false}}', 400, "invalidSyntax"],
  ["says one thing twice", { userName: "a@twice", USERNAME: "b@twice" }, 400, "invalidSyntax"],
  ["names nobody", { displayName: "Nobody" }, 400, "invalidValue"],
  ["has a blank name", { userName: "  " }, 400, "invalidValue"],
  ["has a list for a name", { userName: ["a", "b"] }, 400, "invalidValue"],
  ["has an object for a name", { userName: { a: 1 } }, 400, "invalidValue"],
  ["has a NUL", { userName: "a\0b" }, 400, "invalidValue"],
  ["has half a character", '{"userName":"a\\ud800"}', 400, "invalidValue"],
  ["has a word for a boolean", { userName: "a@b", active: "yes" }, 400, "invalidValue"],
  ["has a number for a name's parts", { userName: "a@b", name: 5 }, 400, "invalidValue"],
  ["has words for numbers", { userName: "a@b", phoneNumbers: [5] }, 400, "invalidValue"],
  [
    "has a number that is none",
    { userName: "a@b", phoneNumbers: [{ type: "mobile", value: "123" }] },
    400,
    "invalidValue",
  ],
  ["has a long external id", { userName: "a@b", externalId: "x".repeat(300) }, 400, "invalidValue"],
  ["is of another schema", { userName: "a@b", schemas: ["urn:x:y"] }, 400, "invalidValue"],
])("a user that %s is refused in SCIM's form", async (_what, body, status, scimType) => {
  const answer = await call("POST", "/Users", body);
  expect(answer.status).toBe(status);
  expect(answer.body).toMatchObject({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: String(status),
    ...(scimType && { scimType }),
  });
});

test.each<[string, unknown, string]>([
  ["no operations", patch(), "invalidSyntax"],
  ["an operation that is none", patch("add"), "invalidSyntax"],
  ["an unknown op", patch({ op: "move", path: "title" }), "invalidSyntax"],
  ["a path that is no text", patch({ op: "add", path: 5, value: "x" }), "invalidPath"],
  ["a path that can't be read", patch({ op: "add", path: "a..b", value: "x" }), "invalidPath"],
  ["a bracket left open", patch({ op: "add", path: "emails[type", value: "x" }), "invalidPath"],
  ["a filter of a single value", patch({ op: "add", path: 'userName[a eq "b"]', value: "x" }), "invalidPath"],
  [
    "a filter that can't be read",
    patch({ op: "add", path: "emails[type is x]", value: "x" }),
    "invalidFilter",
  ],
  [
    "lines without end in a path",
    patch({ op: "add", path: `emails[type eq "${"\n".repeat(50)}]`, value: "x" }),
    "invalidFilter",
  ],
  [
    "a filter that fits nothing and says nothing",
    patch({ op: "replace", path: 'emails[type ne "work"].value', value: "x" }),
    "noTarget",
  ],
  ["a removal of nothing", patch({ op: "remove" }), "noTarget"],
  ["a removal of the login", patch({ op: "remove", path: "userName" }), "mutability"],
  ["what only we set", patch({ op: "replace", path: "id", value: "x" }), "mutability"],
  ["groups from the wrong side", patch({ op: "add", path: "groups", value: [{ value: "x" }] }), "mutability"],
  ["a value of another type", patch({ op: "replace", path: "active", value: 5 }), "invalidValue"],
  [
    "more operations than there may be",
    patch(...Array.from({ length: 1_001 }, () => ({ op: "add", path: "title", value: "x" }))),
    "tooMany",
  ],
])("a PATCH with %s is refused, and nothing of it is done", async (_what, body, scimType) => {
  const user = await make({ title: "Before" });
  const [operation] = (body as { Operations: unknown[] }).Operations;
  const before = patch({ op: "replace", path: "title", value: "After" }).Operations;
  const sent =
    operation === undefined ? body : patch(...before, ...(body as { Operations: unknown[] }).Operations);
  const answer = await call("PATCH", `/Users/${user.id}`, sent);
  expect(answer).toMatchObject({ status: 400, body: { scimType } });
  expect((await call("GET", `/Users/${user.id}`)).body.title).toBe("Before");
});

test("a path or a value that names a prototype reaches nothing (prototype-pollution)", async () => {
  const user = await make();
  for (const operation of [
    { op: "add", path: "__proto__.polluted", value: "yes" },
    { op: "add", path: "constructor.prototype.polluted", value: "yes" },
    { op: "add", path: 'emails[__proto__ eq "x"].value', value: "p@x.example" },
    { op: "add", value: { "constructor.polluted": "yes", "name.__proto__": "yes" } },
  ])
    expect((await call("PATCH", `/Users/${user.id}`, patch(operation))).status).toBeLessThan(401);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("a version that is no longer true changes nothing: 412, and 304 for who has it already", async () => {
  const user = await make();
  const path = `/Users/${user.id}`;
  const title = (value: string) => patch({ op: "replace", path: "title", value });
  expect((await call("GET", path, undefined, { "if-none-match": user.etag })).status).toBe(304);
  const first = await call("PATCH", path, title("one"), { "if-match": user.etag });
  expect(first.status).toBe(200);
  for (const [method, body] of [
    ["PATCH", title("two")],
    ["PUT", { schemas: [coreUrn], userName: user.userName }],
    ["DELETE", undefined],
  ] as const)
    expect((await call(method, path, body, { "if-match": user.etag })).status).toBe(412);
  expect((await call("GET", path)).body.title).toBe("one");
  expect((await call("PATCH", path, title("three"), { "if-match": "*" })).status).toBe(200);
  const racers = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => {
      const { headers } = first;
      return call("PATCH", path, title(`r${i}`), { "if-match": headers.get("etag") ?? "" });
    }),
  );
  expect(racers.filter(({ status }) => status === 200)).toHaveLength(0);
});

test("of ten who add the same login at once one does", async () => {
  const userName = newLogin();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => call("POST", "/Users", { schemas: [coreUrn], userName })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
});

test("a number that is none holds up no leave", async () => {
  const user = await make();
  const answer = await call("PUT", `/Users/${user.id}`, {
    schemas: [coreUrn],
    userName: user.userName,
    active: false,
    phoneNumbers: [{ type: "mobile", value: "extension 12" }],
  });
  expect(answer).toMatchObject({ status: 200, body: { active: false } });
});

test("no id that a directory can choose holds up another's leave", async () => {
  const leaving = await make();
  await make({ externalId: `GONE ${leaving.id}` });
  expect((await call("DELETE", `/Users/${leaving.id}`)).status).toBe(204);
  expect((await call("GET", `/Users/${leaving.id}`)).status).toBe(404);
});

test("what isn't offered says so, unknown paths and ids are 404, other methods 405, other content 415", async () => {
  for (const path of ["/Bulk", "/Me", "/.search"]) expect((await call("POST", path, {})).status).toBe(501);
  for (const path of ["/Nothing", `/Users/${randomUUID()}`, "/Users/x'--", "/Groups/0", "/Schemas/urn:none"])
    expect((await call("GET", path)).body).toMatchObject({ status: "404" });
  const put = await call("PUT", "/Users", {});
  expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, POST"]);
  expect((await call("POST", "/Users", "<user/>", { "content-type": "text/xml" })).status).toBe(415);
  expect((await call("GET", "/Schemas?filter=id%20pr")).status).toBe(403);
  const config = await call("GET", "/ServiceProviderConfig");
  expect(config.body).toMatchObject({
    patch: { supported: true },
    bulk: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
  });
});

test("only what was asked for is answered, and what was left out isn't", async () => {
  const user = await make({ title: "T", name: { givenName: "G", familyName: "F" } });
  const some = await call("GET", `/Users/${user.id}?attributes=userName,name.givenName,nothing`);
  expect(some.body).toEqual({
    schemas: [coreUrn],
    id: user.id,
    userName: user.userName,
    name: { givenName: "G" },
  });
  const rest = await call("GET", `/Users/${user.id}?excludedAttributes=name.familyName,title,id,meta`);
  expect(rest.body).toMatchObject({ id: user.id, name: { givenName: "G" } });
  for (const gone of ["title", "meta"]) expect(rest.body).not.toHaveProperty(gone);
});

test("a thousand names for a group in one message take its members along once", async () => {
  const members = await Promise.all([make(), make()]);
  const group = await call("POST", "/Groups", {
    displayName: `names ${randomUUID()}`,
    members: members.map(({ id }) => ({ value: id })),
  });
  await db.sql`create table moved (at timestamptz default now())`;
  await db.sql`create function note_move() returns trigger language plpgsql security definer as
    $$ begin insert into moved default values; return null; end $$`;
  await db.sql`create trigger note_move after insert on user_group for each row execute function note_move()`;
  const last = `last ${randomUUID()}`;
  const names = [...Array.from({ length: 999 }, (_, n) => `${group.body.id} ${n}`), last];
  const path = `/Groups/${group.body.id}`;
  const renamed = await call(
    "PATCH",
    path,
    patch(...names.map((value) => ({ op: "replace", path: "displayName", value }))),
  );
  expect(renamed).toMatchObject({ status: 200, body: { displayName: last } });
  expect(renamed.body.members).toHaveLength(2);
  expect(await db.sql`select 1 from moved`).toHaveLength(2);
  await db.sql`drop trigger note_move on user_group`;
});
