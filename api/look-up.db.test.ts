import { randomBytes } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { importUsers } from "@/lib/directory/import";
import { inTransaction } from "@/lib/platform/transaction";
import { disableStaff } from "@/lib/staff/disable";
import { signOut } from "@/lib/staff/sign-out";
import { listStatements, openTestDatabase, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { eventually } from "@/tools/testing/eventually";
import { sealCookie } from "@/tools/testing/seal-cookie";
import { addStaff, openTestSession } from "@/tools/testing/staff";

openTestDatabase();
const doors = openDoors();

const ask = (cookie: string, query = "?query=nobody") =>
  doors.call("GET", `/api/look-up${query}`, { headers: { cookie } });

async function enter(factor: "totp" | null = "totp") {
  const { staffId } = await addStaff();
  const { token, ctx } = await openTestSession(staffId, factor);
  return { staffId, token, ctx, cookie: await sealCookie(token) };
}

beforeAll(() =>
  inTransaction((tx) =>
    importUsers(tx, [
      {
        directoryId: "e-1",
        login: "ada.lovelace",
        email: "ada@example.org",
        firstName: "Ada",
        lastName: "Lovelace",
        displayName: "Ada Lovelace",
        employeeNumber: "1001",
        isDisabled: false,
        phones: {},
      },
    ]),
  ),
);

test("staff who are signed in look people up, and no copy of the answer is kept", async () => {
  const { cookie } = await enter();
  const { status, headers, body } = await ask(cookie, "?query=lov%20ad");
  expect([status, body]).toMatchObject([
    200,
    { more: "none", users: [{ displayName: "Ada Lovelace", phones: [], access: [] }] },
  ]);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
});

test("a look-up is two statements while the policy is fresh: whose session it is, and who fits with what they have", async () => {
  const { cookie } = await enter();
  await eventually(async () => expect(await listStatements(() => ask(cookie, "?query=ada"))).toHaveLength(2));
});

test("without a live session with both factors there is nothing, whatever the cookie was worth a moment ago", async () => {
  const signedOut = { ok: false, reason: "signed_out", requestId: expect.any(String) };
  const strangers = [
    "",
    "sparekey-session=",
    "sparekey-session=a.b.c.d.e",
    (await enter()).cookie.slice(0, -4),
    await sealCookie((await enter()).token, [randomBytes(32).toString("base64url")]),
    await sealCookie(randomBytes(32).toString("base64url")),
  ];
  for (const cookie of strangers) expect(await ask(cookie)).toMatchObject({ status: 401, body: signedOut });

  const [one, other, half] = [await enter(), await enter(), await enter(null)];
  for (const { cookie } of [one, other]) expect((await ask(cookie)).status).toBe(200);
  await signOut(one.ctx);
  await disableStaff(staffContext("owner"), { staffId: other.staffId });
  for (const { cookie } of [one, other])
    expect(await ask(cookie)).toMatchObject({ status: 401, body: signedOut });
  expect(await ask(half.cookie)).toMatchObject({ status: 401, body: { reason: "second_factor" } });
});

test.each(["", "?query=a&query=b", "?q=ada"])("a question that is none is refused: %s", async (query) => {
  const { cookie } = await enter();
  expect(await ask(cookie, query)).toMatchObject({
    status: 400,
    body: { ok: false, reason: "invalid", fields: { query: [expect.any(String)] } },
  });
});

test.each([
  ["a NUL", "%00"],
  ["a fox", "%F0%9F%A6%8A"],
  ["a mark that turns the line around", "%E2%80%AExqz"],
  ["4,000 letters", "a".repeat(4_000)],
  ["a byte that is no text", "%ff"],
  ["what SQL would read", "'%22%3B--"],
])("whatever is typed finds nobody rather than breaking: %s", async (_what, query) => {
  const { cookie } = await enter();
  expect(await ask(cookie, `?query=${query}`)).toMatchObject({ status: 200, body: { users: [] } });
});

test("nothing is written under the look-up's name", async () => {
  const { cookie } = await enter();
  const { status } = await doors.call("POST", "/api/look-up?query=ada", { headers: { cookie }, body: {} });
  expect(status).toBe(404);
});
