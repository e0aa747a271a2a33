import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { enterpriseUrn, newLogin, openScim } from "@/tools/testing/scim";

const db = openTestDatabase();
const doors = openDoors();
const { call } = openScim(doors, 100_000);
let ids: Record<"Users" | "Groups", string>;

beforeAll(async () => {
  const user = await call("POST", "/Users", { userName: newLogin(), title: "fuzzed" });
  const group = await call("POST", "/Groups", { displayName: "fuzzed", members: [{ value: user.body.id }] });
  ids = { Users: user.body.id, Groups: group.body.id };
});

const names = [
  ..."userName externalId id displayName title active emails phoneNumbers groups members name meta".split(
    " ",
  ),
  ..."emails.value name.givenName members.value meta.created preferredLanguage timezone schemas".split(" "),
  ...["employeeNumber", "department", "manager", "manager.value"].map((name) => `${enterpriseUrn}:${name}`),
  ...[enterpriseUrn, "urn:x:y:z", "__proto__", "constructor", "toString"],
];
const name = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, fc.string({ maxLength: 12 }));
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(
    "",
    "true",
    "False",
    "work",
    "mobile",
    "+12025550171",
    "2026-01-01T00:00:00Z",
    "\0",
    "\ud800",
  ),
);
const simple = fc.oneof(text, fc.boolean(), fc.integer(), fc.double(), fc.constant(null));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    simple,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(name, fc.constantFrom("value", "type", "primary", "$ref")), tie("any"), {
      maxKeys: 3,
    }),
  ),
})).any;
const operator = fc.constantFrom("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "EQ", "xx");
const comparison = fc.oneof(
  fc.tuple(name, operator, simple).map(([left, op, right]) => `${left} ${op} ${JSON.stringify(right)}`),
  name.map((left) => `${left} pr`),
);
const filter = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    comparison,
    fc.tuple(tie("any"), fc.constantFrom("and", "or"), tie("any")).map((parts) => parts.join(" ")),
    tie("any").map((inner) => `not (${inner})`),
    tie("any").map((inner) => `(${inner})`),
    fc.tuple(name, tie("any")).map(([left, inner]) => `${left}[${inner}]`),
  ),
})).any;
const path = fc.oneof(
  name,
  fc.tuple(name, filter, name).map(([left, inner, sub]) => `${left}[${inner}].${sub}`),
);
const operation = fc.record(
  { op: fc.constantFrom("add", "Replace", "remove", "Add", "no"), path, value },
  { requiredKeys: ["op"] },
);
const door = fc.constantFrom("Users" as const, "Groups" as const);

const expectJudged = ({ status, body }: { status: number; body: unknown }) => {
  expect(status).toBeLessThan(500);
  if (status >= 400) expect(body).toMatchObject({ status: String(status), detail: expect.any(String) });
};

test("whatever the filter, it is answered or refused, and never a fault", async () => {
  await fc.assert(
    fc.asyncProperty(door, filter, async (at, asked) => {
      expectJudged(
        await call("GET", `/${at}?filter=${encodeURIComponent(asked.replaceAll(/\p{Cs}/gu, "?"))}`),
      );
    }),
    { numRuns: 400 },
  );
});

test("whatever the PATCH, it is done or refused, and never a fault", async () => {
  await fc.assert(
    fc.asyncProperty(door, fc.array(operation, { minLength: 1, maxLength: 3 }), async (at, Operations) => {
      expectJudged(await call("PATCH", `/${at}/${ids[at]}`, { Operations }));
    }),
    { numRuns: 400 },
  );
});

test("whatever the resource, it is taken or refused, and never a fault", async () => {
  const resource = fc.dictionary(name, value, { maxKeys: 6 });
  await fc.assert(
    fc.asyncProperty(door, fc.constantFrom("POST", "PUT"), resource, async (at, method, body) => {
      expectJudged(await call(method, method === "POST" ? `/${at}` : `/${at}/${ids[at]}`, body));
    }),
    { numRuns: 400 },
  );
  expect(
    (await db.sql`select 1 from users where disabled_at is null and deleted_at is not null`).length,
  ).toBe(0);
});
