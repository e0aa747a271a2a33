import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { credential, openAuthnApi, outcome, wrong, wrongCode } from "@/tools/testing/authn-api";
import { listStatements, openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { insertGrant, insertReachable } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const { initialize, verify } = openAuthnApi(doors);
const makeUser = () => insertReachable(db.sql);

/** An answer without what differs from call to call. */
const bare = ({ status, body }: { status: number; body: object }) => ({
  status,
  body: { ...body, context: { inResponseTo: "" } },
});

async function runCourse(name: string, methodId: string, value: string) {
  const answers = [await initialize(name)];
  for (const next of methodId === "EMERGENCY_TOKENCODE"
    ? [value, value]
    : [undefined, value, undefined, value, value])
    answers.push(await verify(answers.at(-1)!.body.context, methodId, next));
  return answers.map(bare);
}

test.each([
  ["EMERGENCY_TOKENCODE", wrongCode],
  ["EMERGENCY_TOKENCODE", "mistyped"],
  ["SMS", "000000"],
  ["VOICE", "000000"],
])("who exists is not told: %s with %s runs the same course for all", async (methodId, value) => {
  const open = await makeUser();
  await issueCode(open.id);
  await insertGrant(db.sql, open.id, "sms");
  await insertGrant(db.sql, open.id, "voice");
  const none = await makeUser();
  const disabled = await makeUser();
  await issueCode(disabled.id);
  await db.sql`update users set disabled_at = now() where id = ${disabled.id}`;
  const expected = await runCourse(open.login, methodId, value);
  for (const name of [none.login, disabled.login, `nobody-${randomUUID()}`, "💥‮"])
    expect(await runCourse(name, methodId, value)).toEqual(expected);
});

/** What is read again every few seconds, whoever is asked about. */
const isOfTheClock = (statement: string) => /public_jwk|policy_version/.test(statement);

test("who exists is not told by work either: the same statements for all", async () => {
  const open = await makeUser();
  await issueCode(open.id);
  await insertGrant(db.sql, open.id);
  const names = [open.login, (await makeUser()).login, `nobody-${randomUUID()}`];
  for (const [methodId, first, second] of [
    ["EMERGENCY_TOKENCODE", wrongCode, wrongCode],
    ["SMS", undefined, "000000"],
  ] as const) {
    const courses: string[][] = [];
    for (const name of names) {
      const statements = await listStatements(async () => {
        const { body: begun } = await initialize(name);
        const { body: next } = await verify(begun.context, methodId, first);
        await verify(next.context, methodId, second);
      });
      courses.push(statements.filter((statement) => !isOfTheClock(statement)));
    }
    expect(courses[0]?.length).toBeGreaterThan(5);
    expect(courses[1]).toEqual(courses[0]);
    expect(courses[2]).toEqual(courses[0]);
  }
});

test("too many wrong codes: a challenge with the time to wait, for known names and others", async () => {
  for (const name of [(await makeUser()).login, `nobody-${randomUUID()}`]) {
    for (let i = 0; i < 5; i += 1)
      await initialize(name, { subjectCredentials: credential("EMERGENCY_TOKENCODE", wrongCode) });
    const { status, body, headers } = await initialize(name, {
      subjectCredentials: credential("EMERGENCY_TOKENCODE", wrongCode),
    });
    expect(status).toBe(200);
    expect(outcome(body)).toEqual(wrong);
    expect(headers.get("retry-after")).toBe("30");
  }
});
