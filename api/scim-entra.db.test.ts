import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { coreUrn, enterpriseUrn, groupUrn, newLogin, openScim, patch } from "@/tools/testing/scim";

openTestDatabase();
const doors = openDoors();
const { call, make: makeUser } = openScim(doors);

const make = (more: object = {}) => makeUser({ schemas: [coreUrn, enterpriseUrn], ...more });

const change = async (id: string, ...operations: object[]) => {
  const answer = await call("PATCH", `/Users/${id}`, patch(...operations));
  expect(answer.body).toMatchObject({ id });
  return answer.body;
};

const filtered = (path: string, filter: string) => call("GET", `${path}${encodeURIComponent(filter)}`);

test("Entra finds nobody, makes the user, changes it by its documented requests, and disables it", async () => {
  const userName = `Test_User_${newLogin()}`;
  const none = await filtered("/Users?filter=", `userName eq "${userName}"`);
  expect(none).toMatchObject({ status: 200, body: { totalResults: 0, Resources: [], startIndex: 1 } });

  const made = await call("POST", "/Users", {
    schemas: [coreUrn, enterpriseUrn],
    externalId: "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
    userName,
    active: true,
    emails: [{ primary: true, type: "work", value: "Test_User_fd0ea19b@testuser.com" }],
    meta: { resourceType: "User" },
    name: { formatted: "givenName familyName", familyName: "familyName", givenName: "givenName" },
    roles: [],
  });
  expect(made.status).toBe(201);
  const { id } = made.body;
  for (const filter of [
    `userName eq "${userName.toUpperCase()}"`,
    `externalId eq "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef"`,
    `emails[type eq "work"].value eq "Test_User_fd0ea19b@testuser.com"`,
    `userName eq "${userName}" and active eq true`,
  ])
    expect((await filtered("/Users?filter=", filter)).body.Resources).toMatchObject([{ id }]);

  const changed = await change(
    id,
    { op: "Replace", path: 'emails[type eq "work"].value', value: "updatedEmail@microsoft.com" },
    { op: "Replace", path: "name.familyName", value: "updatedFamilyName" },
  );
  expect(changed).toMatchObject({
    emails: [{ value: "updatedEmail@microsoft.com", type: "work", primary: true }],
    name: { familyName: "updatedFamilyName", givenName: "givenName" },
    displayName: "givenName updatedFamilyName",
  });
  expect(await change(id, { op: "Replace", path: "userName", value: `5b50642d@${userName}` })).toMatchObject({
    userName: `5b50642d@${userName}`,
  });
  expect(await change(id, { op: "Replace", path: "active", value: false })).toMatchObject({ active: false });
  expect(await change(id, { op: "Replace", path: "active", value: "True" })).toMatchObject({ active: true });
});

test("numbers and addresses that weren't there are added by a filter that fits nothing, whatever the op", async () => {
  for (const op of ["Add", "Replace"]) {
    const { id } = await make();
    const body = await change(
      id,
      { op, path: 'phoneNumbers[type eq "mobile"].value', value: "+1 (202) 555-0151" },
      { op, path: 'phoneNumbers[type eq "work"].value', value: "tel:+44-20-7946-0152" },
      { op, path: 'phoneNumbers[type eq "fax"].value', value: "whatever" },
      { op, path: 'emails[type eq "work"].value', value: "added@contoso.example" },
      { op, path: 'emails[type eq "work"].primary', value: "True" },
      { op, path: 'addresses[type eq "work"].formatted', value: "100 Universal City Plaza" },
      { op, path: "name.formatted", value: "Ignored" },
    );
    expect(body).toMatchObject({
      phoneNumbers: [
        { value: "+12025550151", type: "mobile" },
        { value: "+442079460152", type: "work" },
      ],
      emails: [{ value: "added@contoso.example", type: "work", primary: true }],
    });
    const less = await change(id, { op: "Remove", path: 'phoneNumbers[type eq "mobile"]' });
    expect(less.phoneNumbers).toEqual([{ value: "+442079460152", type: "work" }]);
    expect(await change(id, { op: "Remove", path: 'phoneNumbers[type eq "work"].value' })).not.toHaveProperty(
      "phoneNumbers",
    );
  }
});

test("an object without a path changes each of its keys, paths and extensions too", async () => {
  const { id } = await make({ displayName: "Before" });
  const body = await change(id, {
    op: "replace",
    value: {
      id,
      displayName: "After",
      active: "False",
      "name.givenName": "Bjorn",
      'emails[type eq "work"].value': "bjorn@contoso.example",
      [`${enterpriseUrn}:department`]: "Sales",
      [enterpriseUrn]: { employeeNumber: 4711 },
      unknown: { of: "us" },
    },
  });
  expect(body).toMatchObject({
    displayName: "After",
    active: false,
    name: { givenName: "Bjorn" },
    emails: [{ value: "bjorn@contoso.example" }],
    [enterpriseUrn]: { department: "Sales", employeeNumber: "4711" },
  });
});

test.each<[string, (id: string) => unknown]>([
  ["a word", (id) => id],
  ["an object", (id) => ({ value: id })],
  ["a list, as Entra sends it", (id) => [{ $ref: `http://localhost/scim/Users/${id}`, value: id }]],
  ["a list without a reference", (id) => [{ $ref: null, value: id }]],
])("a manager comes as %s, and goes", async (_how, toValue) => {
  const [boss, { id }] = [await make({ displayName: "The Boss" }), await make()];
  const path = `${enterpriseUrn}:manager`;
  const body = await change(id, { op: "Add", path, value: toValue(boss.id) });
  expect(body[enterpriseUrn].manager).toMatchObject({ value: boss.id, displayName: "The Boss" });
  expect(await change(id, { op: "Replace", path, value: "nobody-at-all" })).not.toHaveProperty(enterpriseUrn);
  await change(id, { op: "Add", path: `${path}.value`, value: boss.id });
  expect(await change(id, { op: "Remove", path })).not.toHaveProperty(enterpriseUrn);
});

test("Entra makes a group, fills and empties it in both of its ways, and never sees members that it left out", async () => {
  const [one, two] = [await make(), await make()];
  const made = await call("POST", "/Groups", {
    schemas: [groupUrn, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
    externalId: "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159",
    displayName: "displayName",
    members: [],
    meta: { resourceType: "Group" },
  });
  expect(made.status).toBe(201);
  const group = `/Groups/${made.body.id}`;
  const member = (id: string) => ({ $ref: null, value: id });
  const members = async () =>
    ((await call("GET", group)).body.members ?? []).map(({ value }: { value: string }) => value).sort();

  await call("PATCH", group, patch({ op: "Add", path: "members", value: [member(one.id), member(two.id)] }));
  expect(await members()).toEqual([one.id, two.id].sort());
  await call("PATCH", group, patch({ op: "Remove", path: "members", value: [member(one.id)] }));
  expect(await members()).toEqual([two.id]);
  await call("PATCH", group, patch({ op: "Remove", path: `members[value eq "${two.id}"]` }));
  expect(await members()).toEqual([]);
  await call("PATCH", group, patch({ op: "replace", path: "members", value: [member(two.id)] }));
  await call("PATCH", group, patch({ op: "Replace", path: "displayName", value: "renamed" }));
  expect(await members()).toEqual([two.id]);
  expect((await call("GET", `/Users/${two.id}`)).body.groups).toMatchObject([{ display: "renamed" }]);

  const less = await call("GET", `${group}?excludedAttributes=members`);
  expect(less.body).not.toHaveProperty("members");
  const listed = await filtered("/Groups?excludedAttributes=members&filter=", 'displayName eq "RENAMED"');
  expect(listed.body.Resources).toMatchObject([{ id: made.body.id }]);
  expect(listed.body.Resources[0]).not.toHaveProperty("members");
  const of = await filtered("/Groups?filter=", `id eq "${made.body.id}" and members eq "${two.id}"`);
  expect(of.body.totalResults).toBe(1);
  expect((await call("DELETE", group)).status).toBe(204);
  expect((await call("GET", `/Users/${two.id}`)).body).not.toHaveProperty("groups");
});

test("what Okta checks before it takes a server in holds", async () => {
  await make({ name: { givenName: "Given", familyName: "Family" }, emails: [{ value: "o@k.example" }] });
  const first = await call("GET", "/Users?count=1&startIndex=1");
  expect(first).toMatchObject({ status: 200, body: { itemsPerPage: 1, startIndex: 1 } });
  expect(first.body.schemas).toEqual(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
  expect(typeof first.body.totalResults).toBe("number");
  expect((await call("GET", "/Users/010101001010101011001010101011")).body).toMatchObject({
    schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
    status: "404",
    detail: expect.any(String),
  });
  const userName = `runscope${newLogin()}`;
  const user = {
    schemas: [coreUrn],
    userName,
    name: { givenName: "Runscope", familyName: "Test" },
    emails: [{ primary: true, value: userName, type: "work" }],
    displayName: "Runscope Test",
    active: true,
  };
  const made = await call("POST", "/Users", user, { "content-type": "application/json" });
  expect(made).toMatchObject({ status: 201, body: { active: true, userName } });
  expect(await call("POST", "/Users", user)).toMatchObject({
    status: 409,
    body: { status: "409", scimType: "uniqueness" },
  });
  expect(
    (await filtered("/Users?filter=", `userName eq "${userName.toUpperCase()}"`)).body.totalResults,
  ).toBe(1);
  const put = await call("PUT", `/Users/${made.body.id}`, { ...user, id: made.body.id, title: "Put" });
  expect(put).toMatchObject({ status: 200, body: { title: "Put" } });
  expect((await call("GET", "/Groups?startIndex=1&count=100")).status).toBe(200);
  const off = await call(
    "PATCH",
    `/Users/${made.body.id}`,
    patch({ op: "replace", value: { active: false } }),
  );
  expect(off.body.active).toBe(false);
  const still = await call("PUT", `/Users/${made.body.id}`, { schemas: [coreUrn], userName });
  expect(still.body).toMatchObject({ active: false });
  expect(still.body).not.toHaveProperty("title");
});

test("a group that Okta pushes is renamed by an object with its id", async () => {
  const made = await call("POST", "/Groups", { schemas: [groupUrn], displayName: "Okta One" });
  const { id } = made.body;
  const answer = await call(
    "PATCH",
    `/Groups/${id}`,
    patch({ op: "replace", value: { id, displayName: "Okta Two" } }),
  );
  expect(answer).toMatchObject({ status: 200, body: { id, displayName: "Okta Two" } });
  expect((await call("POST", "/Groups", { schemas: [groupUrn], displayName: "okta two" })).status).toBe(409);
});
