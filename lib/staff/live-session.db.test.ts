import { expect, test } from "vitest";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { addStaff, openTestSession } from "@/tools/testing/staff";
import { disableStaff, enableStaff } from "./disable";
import { endOtherSessions, endOwnSession, endStaffSession } from "./end-session";
import { findSessionOf, toStaffContext } from "./live-session";
import { openSession } from "./open-session";
import { resetPassword } from "./recover";
import { signOut } from "./sign-out";

const db = openTestDatabase();

test("a session opens the console once a second factor was shown in it, and says who it is", async () => {
  const { staffId, email } = await addStaff("security");
  const { ctx } = await openTestSession(staffId);
  expect(toStaffContext(ctx.session, ctx)?.actor).toMatchObject({
    kind: "staff",
    staffId,
    email,
    role: "security",
  });
});

test("a session by password alone is nobody's: no context comes of it", async () => {
  const { staffId } = await addStaff();
  const { ctx } = await openTestSession(staffId, null);
  expect(toStaffContext(ctx.session, ctx)).toBeUndefined();
});

test("a second factor that only the demo satisfied does not count outside of the demo", async () => {
  const { staffId } = await addStaff();
  const { ctx } = await openTestSession(staffId, "demo");
  expect(ctx.session.secondFactorAt).toBeNull();
});

test("a second factor is fresh for 15 minutes, or for as long as the policy in force says", async () => {
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  const isFreshAt = async (age: string) => {
    await db.sql`update staff_session set second_factor_at = now() - ${age}::interval where staff_id = ${staffId}`;
    return (await findSessionOf(token))?.isSteppedUp;
  };
  expect(await isFreshAt("14 minutes 50 seconds")).toBe(true);
  expect(await isFreshAt("15 minutes 1 second")).toBe(false);
  await db.sql`insert into policy_version (document) values ('{"stepUpSeconds": 120}')`;
  expect(await isFreshAt("1 minute 50 seconds")).toBe(true);
  expect(await isFreshAt("2 minutes 1 second")).toBe(false);
  await db.sql`insert into policy_version (document) values ('{}')`;
  expect(await isFreshAt("14 minutes 50 seconds")).toBe(true);
});

test("a second factor shown too long ago goes with the session into every verb", async () => {
  const { staffId } = await addStaff("owner");
  const { token, ctx } = await openTestSession(staffId);
  await db.sql`update staff_session set second_factor_at = now() - interval '16 minutes' where staff_id = ${staffId}`;
  const session = await findSessionOf(token);
  expect(session && toStaffContext(session, ctx)?.actor.isSteppedUp).toBe(false);
});

test("only the digest of the token is stored", async () => {
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  const [row] = await db.sql`select s::text as row from staff_session s where staff_id = ${staffId}`;
  expect(row?.row).not.toContain(token);
  expect(row?.row).not.toContain(Buffer.from(token).toString("hex"));
});

test("after 20 minutes without use a session is over; a read in the background does not count as use", async () => {
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  await db.sql`update staff_session set last_seen_at = now() - interval '19 minutes 50 seconds' where staff_id = ${staffId}`;
  await expect(findSessionOf(token, { background: true })).resolves.toBeDefined();
  await db.sql`update staff_session set last_seen_at = last_seen_at - interval '11 seconds' where staff_id = ${staffId}`;
  await expect(findSessionOf(token)).resolves.toBeUndefined();
});

test("use keeps a session alive", async () => {
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  await db.sql`update staff_session set last_seen_at = now() - interval '19 minutes' where staff_id = ${staffId}`;
  await findSessionOf(token);
  const [row] =
    await db.sql`select now() - last_seen_at < interval '5 seconds' as fresh from staff_session where staff_id = ${staffId}`;
  expect(row?.fresh).toBe(true);
});

test("after 12 hours a session is over, however much it is used", async () => {
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  await db.sql`update staff_session set created_at = now() - interval '12 hours', expires_at = now() - interval '1 millisecond' where staff_id = ${staffId}`;
  await expect(findSessionOf(token)).resolves.toBeUndefined();
});

test("no session can be stored that lives longer than 12 hours", async () => {
  const { staffId } = await addStaff();
  await openTestSession(staffId);
  await expect(
    db.sql`update staff_session set expires_at = created_at + interval '12 hours 1 second' where staff_id = ${staffId}`,
  ).rejects.toMatchObject({ code: "23514" });
});

test("disabled staff are out with the next request, and enabling them brings no session back", async () => {
  await addStaff("owner");
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  await expect(disableStaff(staffContext("owner"), { staffId })).resolves.toEqual({ ok: true, sessions: 1 });
  await expect(findSessionOf(token)).resolves.toBeUndefined();
  await enableStaff(staffContext("owner"), { staffId });
  await expect(findSessionOf(token)).resolves.toBeUndefined();
});

test("a one-time token of somebody disabled meanwhile opens nothing", async () => {
  const { staffId } = await addStaff();
  await db.sql`update staff set disabled_at = now() where id = ${staffId}`;
  await expect(openTestSession(staffId)).rejects.toThrow("no session opened");
});

test("a reset of the password ends all sessions at once", async () => {
  const { staffId } = await addStaff();
  const { token } = await openTestSession(staffId);
  await resetPassword(staffContext("owner"), { staffId });
  await expect(findSessionOf(token)).resolves.toBeUndefined();
});

test("signing out ends the session in the database, not in the browser alone", async () => {
  const { staffId } = await addStaff();
  const { token, ctx } = await openTestSession(staffId);
  await signOut(ctx);
  await expect(findSessionOf(token)).resolves.toBeUndefined();
});

test("a new sign-in ends the session that the browser held before", async () => {
  const { staffId } = await addStaff();
  const before = await openTestSession(staffId);
  const { inTransaction } = await import("@/lib/platform/transaction");
  const { mintSignIn } = await import("./token");
  const { token } = await inTransaction((tx) => mintSignIn(tx, staffId, { by: "password" }));
  await openSession(publicContext(), { token, previous: before.token });
  await expect(findSessionOf(before.token)).resolves.toBeUndefined();
});

test("one ends one's own other sessions, and an owner ends anybody's, but nobody somebody else's as one's own", async () => {
  const { staffId } = await addStaff();
  const one = await openTestSession(staffId);
  const two = await openTestSession(staffId);
  const stranger = staffContext("helpdesk");
  await expect(endOwnSession(stranger, { sessionId: one.ctx.session.sessionId })).resolves.toMatchObject({
    reason: "not_found",
  });
  const own = toStaffContext(two.ctx.session, two.ctx);
  if (own === undefined) throw new Error("no context");
  await expect(endOtherSessions(own)).resolves.toEqual({ ok: true, sessions: 1 });
  await expect(findSessionOf(one.token)).resolves.toBeUndefined();
  await expect(
    endStaffSession(staffContext("helpdesk"), { staffId, sessionId: two.ctx.session.sessionId }),
  ).rejects.toMatchObject({ name: "Denied" });
  await endStaffSession(staffContext("owner"), { staffId, sessionId: two.ctx.session.sessionId });
  await expect(findSessionOf(two.token)).resolves.toBeUndefined();
});
