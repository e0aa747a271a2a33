import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { makeClientKey } from "@/tools/testing/authn-api";
import { openTestDatabase } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import { insertChallenge } from "@/tools/testing/otp";
import { insertGrant, loginOf } from "@/tools/testing/rows";

const db = openTestDatabase();
const doors = openDoors();
const wrongCode = "0000-0000-0000-0000";
let key = "";

beforeAll(async () => {
  key = (await makeClientKey()).key;
});

async function makeUser() {
  const id = await insertPerson(db.sql);
  return { id, login: await loginOf(db.sql, id) };
}

const post = (body: unknown, { clientKey = key, lang = "en" } = {}) =>
  doors.call("POST", `/radius/v1/authenticate?lang=${lang}`, { headers: { "client-key": clientKey }, body });

const request = (attributes: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, { type: "string", value: [value] }]),
  );

const ask = (name: string, password: string, more: Record<string, string> = {}, options = {}) =>
  post(request({ "User-Name": name, "User-Password": password, ...more }), options);

const stateOf = ({ body }: { body: Record<string, { value: [string] }> }) => body["reply:State"]!.value[0];
const saidIn = ({ body }: { body: Record<string, { value: [string] }> }) =>
  body["reply:Reply-Message"]?.value[0];

/** Sends a text ahead, as the desk may, whose digits are known. */
async function sendAhead(userId: string, channel: "sms" | "voice", digits: string) {
  const { id: grantId } = await insertGrant(db.sql, userId, channel);
  await insertChallenge(db.sql, { userId, grantId, channel, attemptId: null }, digits);
}

test.each(["sms", "voice"] as const)(
  "six digits that the desk sent ahead by %s open at once, and once",
  async (channel) => {
    const user = await makeUser();
    await sendAhead(user.id, channel, "314159");
    expect((await ask(user.login, "271828")).status).toBe(401);
    expect((await ask(user.login, "314 159")).status).toBe(204);
    expect((await ask(user.login, "314159")).status).toBe(401);
  },
);

test("nothing in the password field is asked what it would like, and an access code is taken as the answer", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const asked = await ask(user.login, "", {}, { lang: "de" });
  expect(asked.status).toBe(200);
  expect(asked.body).toEqual({
    "reply:Reply-Message": {
      op: ":=",
      do_xlat: false,
      value: [expect.stringContaining("anruf für einen Anruf")],
    },
    "reply:State": { op: ":=", do_xlat: false, value: [expect.stringMatching(/^0x[0-9a-f]{64}$/)] },
  });
  const again = await ask(user.login, "", { State: stateOf(asked) });
  expect(again.status).toBe(200);
  expect((await ask(user.login, text, { State: stateOf(again) })).status).toBe(204);
});

test("a State is another name's, another client's, or used: no, and nothing is spent", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const other = await makeUser();
  const asked = await ask(user.login, "");
  const State = stateOf(asked);
  expect((await ask(other.login, text, { State })).status).toBe(401);
  expect((await ask(user.login, text, { State }, { clientKey: (await makeClientKey()).key })).status).toBe(
    401,
  );
  for (const none of ["", "0x", "nonsense", `0x${"00".repeat(32)}`, `${State}00`, State.replace("0x", "")])
    expect((await ask(user.login, text, { State: none })).status, none).toBe(401);
  expect((await ask(user.login.toUpperCase(), text, { State })).status).toBe(204);
  expect((await ask(user.login, text, { State })).status).toBe(401);
});

test("state-replay: of 10 answers to one State at once one is judged", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const State = stateOf(await ask(user.login, ""));
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(user.login, text, { State })));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
});

test("no more than three texts and calls in ten minutes, said to everybody alike", async () => {
  const courses = [];
  for (const name of [(await makeUser()).login, `nobody-${randomUUID()}`]) {
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await ask(name, "sms"));
    answers.push(await ask(name, "sms", { State: stateOf(answers[0]!) }));
    courses.push(answers.map((answer) => [answer.status, saidIn(answer)]));
  }
  expect(courses[0]).toEqual([
    ...Array(3).fill([200, expect.stringContaining("on its way")]),
    ...Array(2).fill([200, expect.stringMatching(/^Too many texts and calls|^Wait \d+ seconds/)]),
  ]);
  expect(courses[1]?.map(([status]) => status)).toEqual(courses[0]?.map(([status]) => status));
});

test("wrong codes make a name wait at the address that they came from, or at the RADIUS client, and nowhere else", async () => {
  const user = await makeUser();
  const { text } = await issueCode(user.id);
  const wait = async (more: Record<string, string>) => {
    for (let i = 0; i < 5; i += 1) await ask(user.login, wrongCode, more);
    return saidIn(await ask(user.login, wrongCode, more));
  };
  const waits = expect.stringMatching(/^Too many tries\. Wait \d+ seconds\.$/);
  expect(await wait({ "NAS-Identifier": "vpn", "Calling-Station-Id": "2001:db8::1" })).toEqual(waits);
  expect(await wait({ "NAS-Identifier": "wifi", "Calling-Station-Id": "02-00-00-00-00-01" })).toEqual(waits);
  for (const more of [
    { "NAS-Identifier": "vpn", "Calling-Station-Id": "2001:db8::2" },
    { "NAS-Identifier": "wifi", "Calling-Station-Id": "02-00-00-00-00-02" },
  ])
    expect(saidIn(await ask(user.login, text, more))).toEqual(waits);
  expect((await ask(user.login, text, { "Calling-Station-Id": "2001:db8:0:1::1" })).status).toBe(204);
});

test("what is no Access-Request is a 400, and a stranger a 403", async () => {
  const name = { type: "string", value: ["ada"] };
  for (const body of [
    {},
    [],
    null,
    "{",
    { "User-Name": "ada" },
    { "User-Name": { value: [] } },
    { "User-Name": { value: [7] } },
    { "User-Name": { value: [{ value: "ada" }] } },
    { "User-Name": name, "User-Password": { value: ["x".repeat(5000)] } },
    { "User-Name": name, State: { value: [null] } },
    { "User-Name": name, __proto__: { a: 1 }, "NAS-Identifier": [] },
  ])
    expect((await post(body)).status, JSON.stringify(body)).toBe(400);
  expect((await ask("ada", "x", {}, { clientKey: "another" })).status).toBe(403);
});

test.each([
  ["a hardware address without colons", "0200000000"],
  ["a number", "16909"],
  ["a number of another base", "0x7f0000"],
])("%s is no address: whoever makes up another one for each try waits all the same", async (_, beginning) => {
  const user = await makeUser();
  const more = (n: number) => ({ "NAS-Identifier": "ap", "Calling-Station-Id": `${beginning}${10 + n}` });
  for (let n = 0; n < 5; n += 1) await ask(user.login, wrongCode, more(n));
  expect(saidIn(await ask(user.login, wrongCode, more(5)))).toMatch(/^Too many tries/);
});

test("control characters are no fault, and endless words are a 400, in whatever attribute", async () => {
  const user = await makeUser();
  const hostile = `\0\u202e\r\n\ud800${"%{User-Name}".repeat(20)}`;
  for (const attribute of ["User-Name", "User-Password", "NAS-Identifier", "Calling-Station-Id", "State"])
    for (const [value, status] of [
      [hostile, 401],
      [hostile.repeat(10), 400],
    ] as const)
      expect((await ask(user.login, wrongCode, { [attribute]: value })).status, attribute).toBe(status);
});
