import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { hashAnchor } from "@/lib/codes/anchor";
import { equalAnchors, walkToZero } from "@/lib/codes/chain";
import { parseCode } from "@/lib/codes/format";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { changePolicy } from "@/lib/policy/change";
import { defaultPolicy, policySchema } from "@/lib/policy/model";
import { readPolicy } from "@/lib/policy/store";
import { clientContext, openTestDatabase, staffContext } from "@/tools/testing/database";
import { expectIssued, insertPerson, wish } from "@/tools/testing/issuing";
import { issueGrant } from "./issue";

const db = openTestDatabase();

const makeUser = (overrides: object = {}, groups: string[] = []) => insertPerson(db.sql, overrides, groups);

const phoneOf = async (userId: string) =>
  (await db.sql`select e164 from user_phone where user_id = ${userId} and channel = 'sms'`)[0]?.e164;

const eventsOf = (ctx: Context) =>
  db.sql`select kind, outcome, reason, actor_kind, grant_id, details from audit_event where request_id = ${ctx.requestId} and kind not like 'delivery.%' order by id`;

async function setPolicy(overrides: object): Promise<void> {
  const { version } = await inStatement(readPolicy);
  const policy = policySchema.parse({ ...defaultPolicy, ...overrides });
  const result = await changePolicy(staffContext("owner"), { expectedVersion: version, policy });
  if (!result.ok && result.reason !== "nothing_changed") throw new Error(result.reason);
}

test("a standard code reveals a link of its slot's chain, and the anchor meets it", async () => {
  const userId = await makeUser();
  const { grant, code } = expectIssued(await issueGrant(staffContext(), wish(userId)));
  const parsed = parseCode(code!.text);
  if (parsed.kind !== "standard") throw new Error("not a standard code");
  expect(parseCode(code!.decimal!)).toEqual(parsed);
  const [slot] = await db.sql`
    select s.*, a.expiry_index, a.anchor as code_anchor from slot s join access_code a on a.slot_id = s.id where a.grant_id = ${grant.id}`;
  expect(slot).toMatchObject({ number: 1, kind: "once", expiry_index: parsed.expiryIndex });
  const anchor = await hashAnchor(walkToZero(slot!.salt, parsed.expiryIndex, parsed.link), slot!.salt);
  expect(equalAnchors(anchor, slot!.anchor)).toBe(true);
  expect(equalAnchors(anchor, slot!.code_anchor)).toBe(true);
});

test("the seed of a slot that is issued at once is never written down", async () => {
  const { grant } = expectIssued(await issueGrant(staffContext(), wish(await makeUser())));
  const [slot] = await db.sql`
    select seed_cipher, seed_key_id, issued_at from slot s join access_code a on a.slot_id = s.id where a.grant_id = ${grant.id}`;
  expect(slot).toMatchObject({ seed_cipher: null, seed_key_id: null });
  expect(slot!.issued_at).toEqual(grant.startsAt);
});

test("the code dies online to the second asked for, and offline at the next whole hour", async () => {
  const result = await issueGrant(staffContext(), wish(await makeUser(), { windowSeconds: 5400 }));
  const { grant, code } = expectIssued(result);
  expect(grant.expiresAt.getTime() - grant.startsAt.getTime()).toBe(5_400_000);
  const late = code!.offlineExpiresAt!.getTime() - grant.expiresAt.getTime();
  expect(late).toBeGreaterThanOrEqual(0);
  expect(late).toBeLessThan(3_600_000);
  expect(code!.offlineExpiresAt!.getTime() % 3_600_000).toBe(0);
});

test("a short code has no slot and no life offline, and 24 hours are the most", async () => {
  const userId = await makeUser();
  const owner = staffContext("owner");
  const tooLong = await issueGrant(owner, wish(userId, { form: "short", windowSeconds: 86_401 }));
  expect(tooLong).toMatchObject({
    reason: "window_too_long",
    windowSecondsMax: 86_400,
    ceiling: "short_code",
  });
  const { code, grant } = expectIssued(await issueGrant(owner, wish(userId, { form: "short" })));
  expect(code).toMatchObject({ form: "short", decimal: null, shown: "symbols", offlineExpiresAt: null });
  expect(code!.text).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  const [row] = await db.sql`select slot_id, key_id from access_code where grant_id = ${grant.id}`;
  expect(row).toMatchObject({ slot_id: null, key_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
});

test("what is issued is in the log, with who, whom, why and on what terms, and never the code", async () => {
  const ctx = staffContext();
  const result = expectIssued(
    await issueGrant(ctx, wish(await makeUser(), { reason: "stolen", ticket: "INC-7" })),
  );
  const events = await eventsOf(ctx);
  expect(events).toEqual([
    {
      kind: "grant.issued",
      outcome: "ok",
      reason: "stolen",
      actor_kind: "staff",
      grant_id: result.grant.id,
      details: {
        method: "access_code",
        form: "standard",
        windowSeconds: 14_400,
        uses: "once",
        ticket: "INC-7",
        replaced: null,
        policyVersion: 0,
        sentNow: false,
        slot: 1,
        worksOffline: 0,
      },
    },
  ]);
  const log = JSON.stringify(
    await db.sql`select e::text, p::text from audit_event e join audit_personal p on p.event_id = e.id`,
  );
  expect(log).not.toContain(result.code!.text);
  expect(log).not.toContain(result.code!.decimal);
});

test("issue-twice: of 50 issuers at once who all saw none, one issues and 49 are told what is live", async () => {
  const userId = await makeUser();
  const results = await Promise.all(
    Array.from({ length: 50 }, () => issueGrant(staffContext(), wish(userId))),
  );
  const issued = results.filter((each) => each.ok);
  expect(issued).toHaveLength(1);
  const { grant } = expectIssued(issued[0]!);
  for (const other of results.filter((each) => !each.ok)) {
    expect(other).toMatchObject({ reason: "changed_meanwhile", live: { id: grant.id } });
  }
  expect(await db.sql`select 1 from grants where user_id = ${userId}`).toHaveLength(1);
  expect(
    await db.sql`select 1 from audit_event where user_id = ${userId} and kind = 'grant.issued' and reason = 'changed_meanwhile'`,
  ).toHaveLength(49);
});

test("50 callers at once that replace whatever is live leave one live code, and slots numbered in order", async () => {
  const userId = await makeUser();
  const results = await Promise.all(
    Array.from({ length: 50 }, () => issueGrant(clientContext(), wish(userId, { replaces: "any" }))),
  );
  expect(results.every((each) => each.ok)).toBe(true);
  expect(await db.sql`select 1 from grants where user_id = ${userId} and ended_at is null`).toHaveLength(1);
  expect(
    await db.sql`select 1 from grants where user_id = ${userId} and ended_as = 'replaced' and replaced_by_id is not null`,
  ).toHaveLength(49);
  expect(
    await db.sql`select 1 from audit_event where user_id = ${userId} and kind = 'grant.replaced'`,
  ).toHaveLength(49);
  const numbers =
    await db.sql`select s.number from slot s join access_code a on a.slot_id = s.id join grants g on g.id = a.grant_id
    where s.user_id = ${userId} order by g.starts_at, s.number`;
  expect(numbers.map((row) => row.number)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
});

test("two-desks: who replaces a code that is no longer the live one is shown the live one, and kills nothing", async () => {
  const userId = await makeUser();
  const first = expectIssued(await issueGrant(staffContext(), wish(userId))).grant;
  const second = expectIssued(await issueGrant(staffContext(), wish(userId, { replaces: first.id }))).grant;
  const late = await issueGrant(staffContext(), wish(userId, { replaces: first.id }));
  expect(late).toMatchObject({ ok: false, reason: "changed_meanwhile", live: { id: second.id } });
  expect(await db.sql`select id from grants where user_id = ${userId} and ended_at is null`).toEqual([
    { id: second.id },
  ]);
});

test("replay-form: a form that comes again, at once or later, is answered with what it made and makes nothing", async () => {
  const userId = await makeUser();
  const ctx = staffContext();
  const form = wish(userId, { replaces: "any" });
  const results = await Promise.all(Array.from({ length: 10 }, () => issueGrant(ctx, form)));
  const issued = results.filter((each) => each.ok);
  expect(issued).toHaveLength(1);
  const { grant } = expectIssued(issued[0]!);
  const again = await issueGrant(ctx, form);
  for (const other of [...results.filter((each) => !each.ok), again]) {
    expect(other).toMatchObject({ reason: "already_issued", grant: { id: grant.id } });
    expect(other).not.toHaveProperty("code");
  }
  expect(await db.sql`select 1 from grants where user_id = ${userId}`).toHaveLength(1);
});

test("replay-form: the same form sent for another user at the same moment issues once", async () => {
  const ctx = staffContext();
  const formId = randomUUID();
  const users = [await makeUser(), await makeUser()];
  const results = await Promise.all(users.map((userId) => issueGrant(ctx, wish(userId, { formId }))));
  expect(results.map((each) => each.ok).sort()).toEqual([false, true]);
});

test("a code that is past its time is closed as expired by the one that follows it, and not as replaced", async () => {
  const userId = await makeUser();
  const { grant } = expectIssued(await issueGrant(staffContext(), wish(userId)));
  await db.sql`update grants set starts_at = now() - interval '5 hours', expires_at = now() - interval '1 second' where id = ${grant.id}`;
  const ctx = staffContext();
  const next = expectIssued(await issueGrant(ctx, wish(userId, { replaces: grant.id })));
  expect(next.replaced).toBeNull();
  expect((await eventsOf(ctx)).map((event) => [event.kind, event.actor_kind])).toEqual([
    ["grant.expired", "system"],
    ["grant.issued", "staff"],
  ]);
  const [row] =
    await db.sql`select ended_as, ended_at = expires_at as in_time from grants where id = ${grant.id}`;
  expect(row).toEqual({ ended_as: "expired", in_time: true });
});

test("a refusal writes nothing but its event", async () => {
  const userId = await makeUser({ disabled_at: new Date() });
  const ctx = staffContext();
  expect(await issueGrant(ctx, wish(userId))).toEqual({ ok: false, reason: "user_disabled" });
  expect(await db.sql`select 1 from grants where user_id = ${userId}`).toHaveLength(0);
  expect(await db.sql`select 1 from slot where user_id = ${userId}`).toHaveLength(0);
  expect(await eventsOf(ctx)).toMatchObject([{ outcome: "refused", reason: "user_disabled" }]);
});

test("nobody issues for oneself: by directory id or by e-mail, whichever fits", async () => {
  const userId = await makeUser({ directory_id: "d-1", email: "Hanna@Sparekey.test" });
  const byId = staffContext("owner", { userDirectoryId: "d-1", email: "other@sparekey.test" });
  const byEmail = staffContext("owner", { email: "hanna@sparekey.test" });
  const byOldId = staffContext("owner", { userDirectoryId: "d-2", email: "hanna@sparekey.test" });
  const another = staffContext("owner", { userDirectoryId: "d-2", email: "other@sparekey.test" });
  expect(await issueGrant(byId, wish(userId))).toMatchObject({ reason: "yourself" });
  expect(await issueGrant(byEmail, wish(userId))).toMatchObject({ reason: "yourself" });
  expect(await issueGrant(byOldId, wish(userId))).toMatchObject({ reason: "yourself" });
  expect(await issueGrant(another, wish(userId))).toMatchObject({ ok: true });
});

test("members of privileged groups need an issuer who may", async () => {
  const userId = await makeUser({}, ["domain-admins"]);
  for (const ctx of [staffContext("helpdesk"), clientContext("helpdesk"), clientContext("integration")]) {
    expect(await issueGrant(ctx, wish(userId))).toMatchObject({
      reason: "privileged",
      group: "domain-admins",
    });
  }
  expect(await issueGrant(staffContext("lead"), wish(userId))).toMatchObject({ ok: true });
});

test("staff who showed their second factor 16 minutes ago reveal no code; a text they may grant", async () => {
  const userId = await makeUser();
  const ctx = staffContext("helpdesk", { isSteppedUp: false });
  expect(await issueGrant(ctx, wish(userId))).toMatchObject({ reason: "step_up_needed" });
  expect(await issueGrant(ctx, wish(userId, { method: "sms" }))).toMatchObject({ ok: true, code: null });
});

test("while issuing is stopped nothing is issued, and the log says why", async () => {
  await db.sql`update server_state set issuing_stopped_at = now(), issuing_stopped_reason = 'restored'`;
  const ctx = staffContext();
  const result = await issueGrant(ctx, wish(await makeUser()));
  await db.sql`update server_state set issuing_stopped_at = null, issuing_stopped_reason = null`;
  expect(result).toMatchObject({ reason: "issuing_stopped" });
  expect(await eventsOf(ctx)).toMatchObject([{ outcome: "refused", reason: "issuing_stopped" }]);
});

test("an unknown user is a refusal, and staff without the right are denied before anything is read", async () => {
  expect(await issueGrant(staffContext(), wish(randomUUID()))).toMatchObject({ reason: "user_not_found" });
  const ctx = staffContext("auditor");
  await expect(issueGrant(ctx, wish(await makeUser()))).rejects.toMatchObject({ name: "Denied" });
  expect(await eventsOf(ctx)).toMatchObject([{ kind: "access.denied", reason: "grant:issue" }]);
});

test("a grant keeps the number of the policy that it was issued under, and a lock overrides what is asked", async () => {
  await setPolicy({ accessCode: { lockedWindowSeconds: 600, lockedUses: "once" } });
  const asked = wish(await makeUser(), { windowSeconds: 604_800, uses: "reusable" });
  const { grant, terms } = expectIssued(await issueGrant(staffContext(), asked));
  const { version } = await inStatement(readPolicy);
  await setPolicy({});
  expect(grant.policyVersion).toBe(version);
  expect(terms).toMatchObject({ windowSeconds: 600, uses: "once", locked: { window: true, uses: true } });
});

test("a user may hold a grant of each method at once", async () => {
  const userId = await makeUser();
  for (const method of ["sms", "voice", "access_code"]) {
    expectIssued(await issueGrant(staffContext(), wish(userId, { method })));
  }
  expect(await db.sql`select 1 from grants where user_id = ${userId} and ended_at is null`).toHaveLength(3);
});

test("a text that is to go at once is queued with its grant, together or not at all", async () => {
  const userId = await makeUser();
  const { grant, deliveryId } = expectIssued(
    await issueGrant(staffContext(), wish(userId, { method: "sms", sendNow: true })),
  );
  const [delivery] = await db.sql`select grant_id, state, to_e_164 from delivery where id = ${deliveryId}`;
  expect(delivery).toEqual({ grant_id: grant.id, state: "queued", to_e_164: await phoneOf(userId) });
});

test("where the text can't go the grant isn't issued, the one before lives on, and the log has the refusal", async () => {
  const userId = await makeUser();
  const first = expectIssued(
    await issueGrant(staffContext(), wish(userId, { method: "voice", sendNow: true })),
  );
  let live = first.grant.id;
  for (let i = 0; i < 2; i++) {
    const again = wish(userId, { method: "voice", sendNow: true, replaces: live });
    live = expectIssued(await issueGrant(staffContext(), again)).grant.id;
  }
  const ctx = staffContext();
  const refused = await issueGrant(ctx, wish(userId, { method: "voice", sendNow: true, replaces: live }));
  expect(refused).toMatchObject({ reason: "send_limit", retryAfterSeconds: expect.any(Number) });
  expect(await db.sql`select id from grants where user_id = ${userId} and ended_at is null`).toEqual([
    { id: live },
  ]);
  expect(await eventsOf(ctx)).toMatchObject([
    { kind: "grant.issued", outcome: "refused", reason: "send_limit" },
  ]);
});

test("the user is told of an access code by a text, and of a text at another phone or not at all", async () => {
  const [byCode, byText] = [await makeUser(), await makeUser()];
  expectIssued(await issueGrant(staffContext(), wish(byCode)));
  expectIssued(await issueGrant(staffContext(), wish(byText, { method: "sms" })));
  const told =
    await db.sql`select user_id, to_e_164 from delivery where purpose = 'notice' and user_id in ${db.sql([byCode, byText])}`;
  expect(told).toEqual([{ user_id: byCode, to_e_164: await phoneOf(byCode) }]);
});

test("a stolen device is said in the notice, and the event carries the reason", async () => {
  const userId = await makeUser();
  expectIssued(await issueGrant(staffContext(), wish(userId, { reason: "stolen" })));
  expect(await db.sql`select notice_kind from delivery where user_id = ${userId}`).toEqual([
    { notice_kind: "access_stolen_reported" },
  ]);
  expect(
    await db.sql`select 1 from audit_event where user_id = ${userId} and kind = 'grant.issued' and reason = 'stolen'`,
  ).toHaveLength(1);
});
