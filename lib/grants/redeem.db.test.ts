import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { randomSeed, randomShort } from "@/lib/codes/chain";
import { formatShort, formatStandard, parseCode } from "@/lib/codes/format";
import { systemContext } from "@/lib/platform/context";
import { changePolicy } from "@/lib/policy/change";
import { policySchema } from "@/lib/policy/model";
import { stepLink } from "@/tools/testing/chain";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import { expireGrants } from "./expire";
import { readUserAccess } from "./read";
import { type RedeemInput, redeemAccessCode } from "./redeem";
import { endEmergencyAccess, revokeGrant } from "./revoke";

const db = openTestDatabase();

/** A try as the door hands it on: everybody from a place of their own, so that nothing waits but what a test is about. */
function redeem(userId: string | null, input: string, overrides: Partial<RedeemInput> = {}) {
  const ctx = publicContext();
  return redeemAccessCode(ctx, {
    userId,
    subjectKey: `subject-${userId}`,
    sourceKey: randomUUID(),
    input,
    attemptId: null,
    ...overrides,
  });
}

const guess = () => formatStandard(4, randomSeed());
const shortGuess = () => formatShort(randomShort());

const eventsOf = (userId: string, ...kinds: string[]) =>
  db.sql`select kind, outcome, reason, actor_kind, grant_id, details from audit_event where user_id = ${userId} and kind in ${db.sql(kinds)} order by id`;

const grantOf = async (grantId: string) => (await db.sql`select * from grants where id = ${grantId}`)[0]!;

test("a right code passes once, in any way it is typed, and ends its grant as spent", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId);
  const typed = ` ${text.toLowerCase().replaceAll("-", "  ").replaceAll("0", "o").replaceAll("1", "l")} `;
  expect(await redeem(userId, typed, { attemptId: randomUUID() })).toEqual({
    ok: true,
    grantId,
    userId,
    spent: true,
  });
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent", uses_count: 1 });
  expect(await redeem(userId, text)).toMatchObject({ reason: "spent" });
  const events = await eventsOf(userId, "grant.redeemed", "code.judged");
  expect(events).toMatchObject([
    { kind: "grant.redeemed", outcome: "ok", grant_id: grantId, details: { usesCount: 1, form: "standard" } },
    { kind: "code.judged", outcome: "refused", reason: "spent", grant_id: grantId },
  ]);
});

test("the decimal form is accepted too, and a short code in its own", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId, { form: "short" });
  expect(await redeem(userId, text)).toMatchObject({ ok: true });
});

test("redeem-twice: of 50 who present a single-use code at once exactly one passes", async () => {
  for (const form of ["standard", "short"]) {
    const userId = await insertPerson(db.sql);
    const { grantId, text } = await issueCode(userId, { form });
    const results = await Promise.all(Array.from({ length: 50 }, () => redeem(userId, text)));
    expect(results.filter((each) => each.ok)).toHaveLength(1);
    const reasons = new Set(results.map((each) => (each.ok ? "ok" : each.reason)));
    expect([...reasons].filter((each) => !["ok", "spent", "throttled"].includes(each))).toEqual([]);
    expect(await grantOf(grantId)).toMatchObject({ ended_as: "spent", uses_count: 1 });
    expect(await eventsOf(userId, "grant.redeemed")).toHaveLength(1);
    expect(await eventsOf(userId, "code.judged", "code.throttled")).toHaveLength(49);
  }
});

test("a reusable code passes until it is revoked", async () => {
  const policy = policySchema.parse({ grants: { reusableMethods: ["access_code"] } });
  await changePolicy(staffContext("owner"), { expectedVersion: 0, policy });
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId, { uses: "reusable" });
  for (let i = 0; i < 3; i++) expect(await redeem(userId, text)).toMatchObject({ ok: true, spent: false });
  await revokeGrant(staffContext(), { grantId, reason: "found" });
  expect(await redeem(userId, text)).toMatchObject({ reason: "revoked" });
  expect(await grantOf(grantId)).toMatchObject({ uses_count: 3, ended_as: "revoked", end_reason: "found" });
});

test("expired-to-the-second: what the database's clock is past is refused as expired, swept or not", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId);
  await db.sql`update grants set starts_at = now() - interval '2 hours', expires_at = clock_timestamp() + interval '900 milliseconds' where id = ${grantId}`;
  await db.sql`select pg_sleep(1)`;
  expect(await redeem(userId, text)).toMatchObject({ reason: "expired" });
  expect(await grantOf(grantId)).toMatchObject({ uses_count: 0 });
});

test("a code that dies while it is being judged does not pass", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId);
  const redeeming = redeem(userId, text);
  const revoking = revokeGrant(staffContext(), { grantId, reason: "suspicious" });
  const [redeemed, revoked] = await Promise.all([redeeming, revoking]);
  expect([redeemed.ok, revoked.ok].filter(Boolean)).toHaveLength(1);
});

test("a revoked, a replaced and an expired code have their own reasons in the log, and are no wrong tries", async () => {
  const userId = await insertPerson(db.sql);
  const first = await issueCode(userId);
  const second = await issueCode(userId);
  const sourceKey = randomUUID();
  expect(await redeem(userId, first.text, { sourceKey })).toMatchObject({ reason: "replaced" });
  await endEmergencyAccess(staffContext(), { userId, reason: "found" });
  expect(await redeem(userId, second.text, { sourceKey })).toMatchObject({ reason: "revoked" });
  expect(await db.sql`select 1 from throttle where source_key = ${sourceKey}`).toHaveLength(0);
  expect((await eventsOf(userId, "code.judged")).map((event) => [event.reason, event.grant_id])).toEqual([
    ["replaced", first.grantId],
    ["revoked", second.grantId],
  ]);
});

test("mistyped-costs-nothing: a slip of the tongue is told from a guess, and counts nowhere", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId);
  const sourceKey = randomUUID();
  const last = text.at(-1) === "7" ? "8" : "7";
  for (let i = 0; i < 12; i++) {
    expect(await redeem(userId, text.slice(0, -1) + last, { sourceKey })).toMatchObject({
      reason: "mistyped",
    });
  }
  expect(await db.sql`select 1 from throttle where source_key = ${sourceKey}`).toHaveLength(0);
  const [code] = await db.sql`select wrong_count from access_code where grant_id = ${grantId}`;
  expect(code).toEqual({ wrong_count: 0 });
  expect(await redeem(userId, text, { sourceKey })).toMatchObject({ ok: true });
});

test.each([
  ["a NUL byte", "\0".repeat(19)],
  ["emoji", "🔑🔑🔑🔑-🔑🔑🔑🔑-🔑🔑🔑🔑-🔑🔑🔑🔑"],
  ["marks of direction", "\u202e0000-0000-0000-0000"],
  ["10,000 characters", "0".repeat(10_000)],
  ["nothing", ""],
  ["half a surrogate", "\ud800"],
])("%s is mistyped, and the log has it without what was typed", async (_, typed) => {
  const userId = await insertPerson(db.sql);
  expect(await redeem(userId, typed)).toMatchObject({ reason: "mistyped" });
  expect(await eventsOf(userId, "code.judged")).toMatchObject([{ outcome: "refused", reason: "mistyped" }]);
});

test("other-user's-code: a code opens nothing but its own user's grant", async () => {
  const [ada, bob] = [await insertPerson(db.sql), await insertPerson(db.sql)];
  const { grantId, text } = await issueCode(ada);
  await issueCode(bob);
  expect(await redeem(bob, text)).toMatchObject({ reason: "wrong" });
  expect(await grantOf(grantId)).toMatchObject({ uses_count: 0, ended_at: null });
});

test("a link of the same chain at another hour is no code: neither an earlier one that its holder can derive", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId, { windowSeconds: 86_400 });
  const parsed = parseCode(text);
  const [slot] = await db.sql`select salt from slot where user_id = ${userId}`;
  if (parsed.kind !== "standard") throw new Error("not a standard code");
  const earlier = stepLink(slot!.salt, parsed.expiryIndex - 1, parsed.link);
  const derived = formatStandard(parsed.expiryIndex - 1, earlier);
  expect(await redeem(userId, derived)).toMatchObject({ reason: "wrong" });
});

test("throttle-doubling: from the 5th wrong try one waits 30 s, then twice as long each time, 15 min at most", async () => {
  const keys = { subjectKey: "doubling", sourceKey: "one place" };
  const waits: (number | undefined)[] = [];
  for (let i = 0; i < 12; i++) {
    const result = await redeem(null, guess(), keys);
    waits.push(result.ok ? undefined : result.retryAfterSeconds);
    await db.sql`update throttle set back_off_until = null where subject_key = ${keys.subjectKey}`;
  }
  expect(waits).toEqual([undefined, undefined, undefined, undefined, 30, 60, 120, 240, 480, 900, 900, 900]);
});

test("who must wait is not judged, right or wrong, and whoever is elsewhere passes: nobody is locked out", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId);
  const sourceKey = randomUUID();
  for (let i = 0; i < 5; i++) await redeem(userId, guess(), { sourceKey });
  const refused = await redeem(userId, text, { sourceKey });
  expect(refused).toMatchObject({ reason: "throttled", retryAfterSeconds: expect.any(Number) });
  expect(await eventsOf(userId, "code.throttled")).toMatchObject([
    { outcome: "refused", reason: "throttled" },
  ]);
  expect(await redeem(userId, text)).toMatchObject({ ok: true });
});

test("a right code among many guesses at once comes too late once the wait began", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId);
  const sourceKey = randomUUID();
  const tries = [...Array.from({ length: 40 }, guess), text];
  const results = await Promise.all(tries.map((typed) => redeem(userId, typed, { sourceKey })));
  expect(results.at(-1)).toMatchObject({ ok: false, reason: "throttled" });
});

test("what is right forgets what was wrong before, at this place", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId);
  const sourceKey = randomUUID();
  for (let i = 0; i < 4; i++) await redeem(userId, guess(), { sourceKey });
  expect(await redeem(userId, text, { sourceKey })).toMatchObject({ ok: true });
  expect(await db.sql`select 1 from throttle where source_key = ${sourceKey}`).toHaveLength(0);
});

test("five-wrong: a short code is dead after 5 wrong tries from anywhere, and the desk can see why", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId, { form: "short" });
  for (let i = 0; i < 4; i++) expect(await redeem(userId, shortGuess())).toMatchObject({ reason: "wrong" });
  const shown = () => readUserAccess(staffContext(), { userId });
  expect(await shown()).toMatchObject({ live: [{ code: { wrongCount: 4 } }] });
  expect(await redeem(userId, shortGuess())).toMatchObject({ reason: "wrong" });
  expect(await shown()).toMatchObject({
    live: [],
    history: [{ id: grantId, state: "revoked", endReason: "wrong_tries" }],
  });
  expect(await redeem(userId, text)).toMatchObject({ reason: "revoked" });
  expect(await eventsOf(userId, "code.throttled")).toMatchObject([
    { outcome: "refused", reason: "wrong_tries", grant_id: grantId },
  ]);
  expect(await eventsOf(userId, "grant.revoked")).toMatchObject([
    { outcome: "ok", reason: "wrong_tries", grant_id: grantId, actor_kind: "system" },
  ]);
});

test("five-wrong at once: of 60 who try a short code at once, from anywhere, 5 are judged, the right one among the others or not", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId, { form: "short" });
  const tries = [...Array.from({ length: 59 }, shortGuess), text];
  const results = await Promise.all(tries.map((typed) => redeem(userId, typed)));
  expect(results.every((each) => !each.ok)).toBe(true);
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "revoked", uses_count: 0 });
  expect(await eventsOf(userId, "grant.revoked")).toHaveLength(1);
});

test("a short code that was replaced is no try of the one that replaced it", async () => {
  const userId = await insertPerson(db.sql);
  const old = await issueCode(userId, { form: "short" });
  const { grantId, text } = await issueCode(userId, { form: "short" });
  for (let i = 0; i < 6; i++) expect(await redeem(userId, old.text)).toMatchObject({ reason: "replaced" });
  const [code] = await db.sql`select wrong_count from access_code where grant_id = ${grantId}`;
  expect(code).toEqual({ wrong_count: 0 });
  expect(await redeem(userId, text)).toMatchObject({ ok: true });
});

test("the desk sees for a quarter of an hour which dead codes were typed, and how often", async () => {
  const userId = await insertPerson(db.sql);
  const shown = async () => {
    const access = await readUserAccess(staffContext(), { userId });
    return access.ok && access.deadTries.map(({ as, count }) => [as, count]);
  };
  const old = await issueCode(userId);
  const { text } = await issueCode(userId);
  await redeem(userId, guess());
  expect(await shown()).toEqual([]);
  for (let i = 0; i < 2; i++) await redeem(userId, old.text);
  await redeem(userId, text);
  expect(await shown()).toEqual([["replaced", 2]]);
  await redeem(userId, text);
  expect(await shown()).toEqual([
    ["spent", 1],
    ["replaced", 2],
  ]);
  await db.sql`insert into audit_event (at, kind, outcome, reason, actor_kind, user_id, request_id)
    values (now() - interval '16 minutes', 'code.judged', 'refused', 'revoked', 'user', ${userId}, 'r')`;
  expect(await shown()).toHaveLength(2);
});

test("a dead short code of a master key that is gone is nobody's: guesses are judged and counted as ever", async () => {
  const userId = await insertPerson(db.sql);
  const old = await issueCode(userId, { form: "short" });
  await endEmergencyAccess(staffContext(), { userId, reason: "found" });
  await db.sql`update access_code set key_id = '0123456789abcdef' where grant_id = ${old.grantId}`;
  for (const typed of [shortGuess(), old.text])
    expect(await redeem(userId, typed)).toEqual({ ok: false, reason: "wrong" });
  expect(await eventsOf(userId, "code.judged")).toHaveLength(2);
  const { grantId, text } = await issueCode(userId, { form: "short" });
  for (let i = 0; i < 4; i++) expect(await redeem(userId, shortGuess())).toMatchObject({ reason: "wrong" });
  expect(await redeem(userId, text)).toMatchObject({ ok: true, grantId });
});

test("a short code whose last tries were taken by a process that died is ended by the sweep, once, and not before a minute", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId, { form: "short" });
  const sweep = () =>
    Promise.all(Array.from({ length: 3 }, () => expireGrants(systemContext("sweep", randomUUID()))));
  await db.sql`update access_code set wrong_count = 5, tried_at = now() where grant_id = ${grantId}`;
  await sweep();
  expect(await redeem(userId, text)).toEqual({ ok: false, reason: "throttled", retryAfterSeconds: 1 });
  expect(await grantOf(grantId)).toMatchObject({ ended_at: null });
  await db.sql`update access_code set tried_at = now() - interval '61 seconds' where grant_id = ${grantId}`;
  await sweep();
  expect(await grantOf(grantId)).toMatchObject({
    ended_as: "revoked",
    end_reason: "wrong_tries",
    uses_count: 0,
  });
  expect(await eventsOf(userId, "grant.revoked")).toMatchObject([
    { outcome: "ok", reason: "wrong_tries", grant_id: grantId, actor_kind: "system" },
  ]);
  expect(await redeem(userId, text)).toMatchObject({ reason: "revoked" });
});

test("a try is dated when it is taken", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId } = await issueCode(userId, { form: "short" });
  await redeem(userId, shortGuess());
  const [code] =
    await db.sql`select tried_at > now() - interval '1 minute' as lately, wrong_count from access_code where grant_id = ${grantId}`;
  expect(code).toEqual({ lately: true, wrong_count: 1 });
});

test("hundred-wrong: 100 wrong tries in a row from anywhere kill a standard code, 99 do not", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId);
  await db.sql`update access_code set wrong_count = 98 where grant_id = ${grantId}`;
  await redeem(userId, guess());
  expect(await grantOf(grantId)).toMatchObject({ ended_at: null });
  await redeem(userId, guess());
  expect(await grantOf(grantId)).toMatchObject({ ended_as: "revoked", end_reason: "wrong_tries" });
  expect(await redeem(userId, text)).toMatchObject({ reason: "revoked" });
});

test("a disabled user's code opens nothing, though it was issued before", async () => {
  const userId = await insertPerson(db.sql);
  const { grantId, text } = await issueCode(userId);
  await db.sql`update users set disabled_at = now() where id = ${userId}`;
  expect(await redeem(userId, text)).toMatchObject({ ok: false });
  expect(await grantOf(grantId)).toMatchObject({ uses_count: 0 });
});

test("an unknown name, a user without a code and a wrong code are counted and refused alike", async () => {
  const nobody = await redeem(null, guess());
  const without = await redeem(await insertPerson(db.sql), guess());
  const userId = await insertPerson(db.sql);
  await issueCode(userId);
  const wrong = await redeem(userId, guess());
  expect([nobody, without, wrong].map((each) => ({ ...each, reason: undefined }))).toEqual(
    Array.from({ length: 3 }, () => ({ ok: false, reason: undefined })),
  );
  const counts =
    await db.sql`select wrong_count from throttle where subject_key in ('subject-null', ${`subject-${userId}`})`;
  expect(counts.every((row) => row.wrong_count === 1)).toBe(true);
});

test("no event of a try holds what was typed", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId);
  const wrong = guess();
  await redeem(userId, wrong);
  await redeem(userId, text);
  const log = JSON.stringify(
    await db.sql`select e::text, p::text from audit_event e join audit_personal p on p.event_id = e.id where e.user_id = ${userId}`,
  );
  for (const code of [text, wrong]) {
    expect(log).not.toContain(code);
    expect(log).not.toContain(code.replaceAll("-", ""));
  }
});

const noticesOf = async (userId: string) =>
  (
    await db.sql`select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
      where t.identifier = 'notify' and j.payload->>'userId' = ${userId} order by j.id`
  ).map((row) => row.payload.kind);

test("the user is told of a use, by a job that exists if and only if the use does", async () => {
  const userId = await insertPerson(db.sql);
  const { text } = await issueCode(userId);
  await redeem(userId, guess());
  expect(await noticesOf(userId)).toEqual([]);
  await redeem(userId, text);
  await redeem(userId, text);
  expect(await noticesOf(userId)).toEqual(["access_used"]);
});

test("the user is told of a burst of failures once, and who has no phone is no reason to fail", async () => {
  const userId = await insertPerson(db.sql);
  const sourceKey = randomUUID();
  for (let i = 0; i < 6; i++) await redeem(userId, guess(), { sourceKey });
  expect(await noticesOf(userId)).toEqual(["failures_burst"]);
  const unreachable = await insertPerson(db.sql);
  await db.sql`delete from user_phone where user_id = ${unreachable}`;
  const { text } = await issueCode(unreachable);
  expect(await redeem(unreachable, text)).toMatchObject({ ok: true });
  expect(await noticesOf(unreachable)).toEqual([]);
});
