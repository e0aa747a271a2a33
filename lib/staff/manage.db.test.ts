import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Context } from "@/lib/platform/context";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { addStaff, openTestSession, STAFF_PASSWORD } from "@/tools/testing/staff";
import { changeStaff } from "./change";
import { disableStaff, enableStaff } from "./disable";
import { createOwner, inviteStaff } from "./invite";
import { acceptLink, readLink } from "./link";
import { findStaffByEmail, listStaff } from "./list";
import { roles } from "./model";
import { resetPassword, resetSecondFactor, unlockStaff } from "./recover";
import { ensureSetupToken, isSetupNeeded, setUpOwner } from "./setup";
import { signIn } from "./sign-in";

const db = openTestDatabase();

const NEW_PASSWORD = "a fresh and long one";
const operator: Context = { ...publicContext(), actor: { kind: "operator", name: "shell" } };
const tokenOf = (url: string) => new URL(url).searchParams.get("token") as string;

test("the first start makes one owner, for whoever holds the code of the terminal, however many try at once", async () => {
  expect(await isSetupNeeded()).toBe(true);
  const setup = await ensureSetupToken();
  const other = await ensureSetupToken();
  if (setup === undefined || other === undefined) throw new Error("no code");
  const person = { name: "Olga Owner", password: NEW_PASSWORD };
  await expect(
    setUpOwner(publicContext(), { ...person, email: "m@sparekey.test", code: "A".repeat(20) }),
  ).resolves.toMatchObject({ reason: "wrong_code" });
  const results = await Promise.all(
    [setup, other, setup, other].map(({ code }, index) =>
      setUpOwner(publicContext(), {
        ...person,
        email: `first${index}@sparekey.test`,
        code: code.replaceAll("-", ""),
      }),
    ),
  );
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  const [row] = await db.sql`select count(*)::int as n from staff where role = 'owner'`;
  expect(row?.n).toBe(1);
  expect(await ensureSetupToken()).toBeUndefined();
  expect(await isSetupNeeded()).toBe(false);
});

test("the last owner stays owner, also where two owners act at each other at once", async () => {
  await db.sql`update staff set role = 'security' where role = 'owner'`;
  const one = await addStaff("owner");
  const two = await addStaff("owner");
  const as = (staffId: string) => staffContext("owner", { staffId });
  const results = await Promise.all([
    disableStaff(as(one.staffId), { staffId: two.staffId }),
    changeStaff(as(two.staffId), { staffId: one.staffId, role: "auditor" }),
  ]);
  expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  const owners = await db.sql`select id from staff where role = 'owner' and disabled_at is null`;
  expect(owners).toHaveLength(1);
  await expect(disableStaff(operator, { staffId: owners[0]?.id })).resolves.toMatchObject({
    reason: "last_owner",
  });
});

test("nobody disables, demotes or resets oneself, nor says who one is in the directory", async () => {
  const { staffId } = await addStaff("owner");
  await addStaff("owner");
  const ctx = staffContext("owner", { staffId });
  for (const attempt of [
    disableStaff(ctx, { staffId }),
    changeStaff(ctx, { staffId, role: "helpdesk" }),
    changeStaff(ctx, { staffId, userDirectoryId: "someone-else" }),
    resetPassword(ctx, { staffId }),
    resetSecondFactor(ctx, { staffId }),
  ])
    await expect(attempt).resolves.toMatchObject({ ok: false, reason: "yourself" });
  await expect(changeStaff(ctx, { staffId, name: "Another Name" })).resolves.toEqual({ ok: true });
});

test.each(roles.filter((role) => role !== "owner"))("%s manages no staff", async (role) => {
  const ctx = staffContext(role);
  const { staffId } = await addStaff();
  const attempts = [
    () => inviteStaff(ctx, { email: "x@sparekey.test", name: "X", role: "owner", userDirectoryId: null }),
    () => changeStaff(ctx, { staffId, role: "owner" }),
    () => disableStaff(ctx, { staffId }),
    () => resetPassword(ctx, { staffId }),
    () => resetSecondFactor(ctx, { staffId }),
    () => unlockStaff(ctx, { staffId }),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ name: "Denied" });
  const denied =
    await db.sql`select 1 from audit_event where kind = 'access.denied' and request_id = ${ctx.requestId}`;
  expect(denied).toHaveLength(attempts.length);
});

test("an owner whose second factor is older than 15 minutes shows it again first, and each try is logged", async () => {
  const ctx = staffContext("owner", { isSteppedUp: false });
  const { staffId } = await addStaff();
  const attempts = [
    () => changeStaff(ctx, { staffId, name: "Another" }),
    () => disableStaff(ctx, { staffId }),
    () => enableStaff(ctx, { staffId }),
    () => inviteStaff(ctx, { email: "x@sparekey.test", name: "X", role: "owner", userDirectoryId: null }),
    () => resetPassword(ctx, { staffId }),
    () => resetSecondFactor(ctx, { staffId }),
    () => unlockStaff(ctx, { staffId }),
  ];
  for (const attempt of attempts)
    await expect(attempt()).resolves.toEqual({ ok: false, reason: "step_up_needed" });
  const events = await db.sql`
    select kind, target_id from audit_event where outcome = 'refused' and reason = 'step_up_needed' and request_id = ${ctx.requestId} order by id`;
  expect(events.map(({ kind }) => kind)).toEqual([
    "staff.changed",
    "staff.disabled",
    "staff.enabled",
    "staff.created",
    "staff.password-reset",
    "staff.factor-reset",
    "staff.unlocked",
  ]);
  expect(new Set(events.map((event) => event.target_id))).toEqual(new Set([staffId, null]));
});

test("whoever is no staff member is not found, and that is logged", async () => {
  const ctx = staffContext("owner");
  await expect(disableStaff(ctx, { staffId: randomUUID() })).resolves.toMatchObject({ reason: "not_found" });
  expect(
    await db.sql`select 1 from audit_event where kind = 'staff.disabled' and reason = 'not_found' and request_id = ${ctx.requestId}`,
  ).toHaveLength(1);
});

test("an invitation sets the first password, once", async () => {
  const result = await inviteStaff(staffContext("owner"), {
    email: "New.One@sparekey.test",
    name: "New One",
    role: "lead",
    userDirectoryId: null,
  });
  if (!result.ok) throw new Error(result.reason);
  const token = tokenOf(result.link.url);
  await expect(readLink(token)).resolves.toEqual({
    purpose: "invite",
    name: "New One",
    email: "New.One@sparekey.test",
  });
  await expect(acceptLink(publicContext(), { token, password: "password123456" })).resolves.toEqual({
    ok: false,
    reason: "weak_password",
  });
  const accepted = await Promise.all(
    Array.from({ length: 5 }, () => acceptLink(publicContext(), { token, password: NEW_PASSWORD })),
  );
  expect(accepted.filter(({ ok }) => ok)).toHaveLength(1);
  await expect(readLink(token)).resolves.toBeUndefined();
  await expect(
    signIn(publicContext(), { email: "new.one@sparekey.test", password: NEW_PASSWORD }),
  ).resolves.toMatchObject({ ok: true });
  await expect(
    inviteStaff(staffContext("owner"), {
      email: "NEW.ONE@sparekey.test",
      name: "Twin",
      role: "owner",
      userDirectoryId: null,
    }),
  ).resolves.toMatchObject({ reason: "email_taken" });
});

test("a reset ends the old password at once, and a second link ends the first", async () => {
  const { staffId, email } = await addStaff();
  const first = await resetPassword(staffContext("owner"), { staffId });
  const second = await resetPassword(staffContext("owner"), { staffId });
  if (!first.ok || !second.ok) throw new Error("refused");
  await expect(signIn(publicContext(), { email, password: STAFF_PASSWORD })).resolves.toMatchObject({
    ok: false,
  });
  await expect(
    acceptLink(publicContext(), { token: tokenOf(first.link.url), password: NEW_PASSWORD }),
  ).resolves.toMatchObject({ reason: "gone" });
  await expect(
    acceptLink(publicContext(), { token: tokenOf(second.link.url), password: NEW_PASSWORD }),
  ).resolves.toMatchObject({ ok: true });
});

test("a lost second factor goes with password and sessions: a password that leaked enrols nobody", async () => {
  const { staffId, email } = await addStaff();
  await openTestSession(staffId);
  await db.sql`insert into staff_passkey (id, staff_id, public_key, name) values (${staffId}, ${staffId}, '\\x00', 'key')`;
  await expect(resetSecondFactor(staffContext("owner"), { staffId })).resolves.toMatchObject({ ok: true });
  await expect(signIn(publicContext(), { email, password: STAFF_PASSWORD })).resolves.toMatchObject({
    ok: false,
  });
  const [row] = (await listStaff(staffContext("owner"))).filter(({ id }) => id === staffId);
  expect(row).toMatchObject({ passkeys: 0, hasTotp: false, hasPassword: false, sessions: 0 });
});

test("a link of somebody disabled is gone", async () => {
  const { staffId } = await addStaff();
  const reset = await resetPassword(staffContext("owner"), { staffId });
  if (!reset.ok) throw new Error(reset.reason);
  await disableStaff(staffContext("owner"), { staffId });
  await expect(
    acceptLink(publicContext(), { token: tokenOf(reset.link.url), password: NEW_PASSWORD }),
  ).resolves.toMatchObject({ reason: "gone" });
});

test("the operator's shell makes owners, finds staff and helps them back in", async () => {
  const made = await createOwner(operator, { email: "shell@sparekey.test", name: "Shell Owner" });
  if (!made.ok) throw new Error(made.reason);
  const found = await findStaffByEmail(operator, { email: "Shell@sparekey.test" });
  expect(found).toEqual({ ok: true, staffId: made.staffId });
  const { staffId } = made;
  await expect(resetPassword(operator, { staffId })).resolves.toMatchObject({ ok: true });
  await expect(resetSecondFactor(operator, { staffId })).resolves.toMatchObject({ ok: true });
  await expect(unlockStaff(operator, { staffId })).resolves.toEqual({ ok: true });
  const events =
    await db.sql`select kind from audit_event where actor_kind = 'operator' and target_id = ${staffId} order by id`;
  expect(events.map(({ kind }) => kind)).toEqual([
    "staff.created",
    "staff.password-reset",
    "staff.factor-reset",
    "staff.unlocked",
  ]);
});

test("no token of a link is stored", async () => {
  const { staffId } = await addStaff();
  const reset = await resetPassword(staffContext("owner"), { staffId });
  if (!reset.ok) throw new Error(reset.reason);
  const rows = await db.sql`select t::text as row from staff_token t`;
  expect(JSON.stringify(rows)).not.toContain(tokenOf(reset.link.url));
});
