import { Secret, TOTP } from "otpauth";
import { expect, test } from "vitest";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { addStaff, enteringContext, openTestSession, STAFF_PASSWORD } from "@/tools/testing/staff";
import { toStaffContext } from "./live-session";
import { openSession } from "./open-session";
import { beginPasskeyRegistration } from "./passkey";
import { resetSecondFactor } from "./recover";
import { signIn } from "./sign-in";
import { beginTotp, confirmTotp, showTotp } from "./totp";

const db = openTestDatabase();

const codeOf = (secret: string, steps = 0) =>
  TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * 30_000 });

async function enrol() {
  const { staffId } = await addStaff();
  const { ctx, token: old } = await openTestSession(staffId, null);
  const begun = await beginTotp(ctx);
  if (!begun.ok) throw new Error(begun.reason);
  const confirmed = await confirmTotp(ctx, { code: codeOf(begun.secret) });
  if (!confirmed.ok) throw new Error(confirmed.reason);
  const opened = await openSession(publicContext(), { token: confirmed.token });
  if (opened === undefined) throw new Error("no session");
  return { staffId, secret: begun.secret, svg: begun.svg, old, token: opened.token };
}

test("the first sign-in enrols an authenticator app, which opens the console and changes the session's token", async () => {
  const { old, token, svg } = await enrol();
  expect(svg).toContain("<svg");
  const ctx = await enteringContext(token);
  expect(toStaffContext(ctx.session, ctx)?.actor.isSteppedUp).toBe(true);
  await expect(enteringContext(old)).rejects.toThrow("over");
});

test("a password alone enrols no app for who showed a factor at a provider that is no longer in use, until it is reset", async () => {
  const { staffId } = await addStaff();
  await openTestSession(staffId, "oidc");
  const alone = await openTestSession(staffId, null);
  expect(await beginTotp(alone.ctx)).toMatchObject({ ok: false, reason: "step_up_needed" });
  expect(await resetSecondFactor(staffContext("owner"), { staffId })).toMatchObject({ ok: true });
  const reset = await openTestSession(staffId, null);
  expect(await beginTotp(reset.ctx)).toMatchObject({ ok: true });
});

test("the secret is sealed where it is stored", async () => {
  const { staffId, secret } = await enrol();
  const [row] = await db.sql`select t::text as row from staff_totp t where staff_id = ${staffId}`;
  expect(row?.row).not.toContain(Buffer.from(Secret.fromBase32(secret).bytes).toString("hex"));
});

test("totp-replay: each step is good once, also in parallel and in another session", async () => {
  const { staffId, secret } = await enrol();
  const sessions = await Promise.all(Array.from({ length: 4 }, () => openTestSession(staffId, null)));
  await expect(showTotp(sessions[0]!.ctx, { code: codeOf(secret) })).resolves.toMatchObject({
    reason: "wrong",
  });
  await db.sql`update staff_totp set failed_count = 0 where staff_id = ${staffId}`;
  const shown = await Promise.all(sessions.map(({ ctx }) => showTotp(ctx, { code: codeOf(secret, 1) })));
  expect(shown.filter(({ ok }) => ok)).toHaveLength(1);
});

test("wrong codes lock as wrong passwords do, and a right one is not judged meanwhile", async () => {
  const { staffId, secret } = await enrol();
  const { ctx } = await openTestSession(staffId, null);
  const right = codeOf(secret, 1);
  const wrong = right === "000000" ? "111111" : "000000";
  for (let round = 1; round <= 5; round += 1) await showTotp(ctx, { code: wrong });
  const answer = await showTotp(ctx, { code: right });
  expect(answer).toMatchObject({ ok: false, reason: "throttled" });
  expect(answer).toHaveProperty("retryAfterSeconds", expect.any(Number));
});

test("a stranger's wrong passwords don't stop the owner of a session from showing the second factor", async () => {
  const { staffId, secret } = await enrol();
  const { ctx } = await openTestSession(staffId, null);
  const { email } = ctx.session;
  for (let round = 1; round <= 6; round += 1)
    await signIn(publicContext(), { email, password: "wrong wrong wrong" });
  await expect(showTotp(ctx, { code: codeOf(secret, 1) })).resolves.toMatchObject({ ok: true });
});

test("a right password doesn't let anybody guess more codes", async () => {
  const { staffId, secret } = await enrol();
  const { ctx } = await openTestSession(staffId, null);
  const wrong = codeOf(secret, 1) === "000000" ? "111111" : "000000";
  for (let round = 1; round <= 5; round += 1) await showTotp(ctx, { code: wrong });
  const { email } = ctx.session;
  await expect(signIn(publicContext(), { email, password: STAFF_PASSWORD })).resolves.toMatchObject({
    ok: true,
  });
  const { ctx: another } = await openTestSession(staffId, null);
  await expect(showTotp(another, { code: codeOf(secret, 1) })).resolves.toMatchObject({
    reason: "throttled",
  });
});

test("a password alone enrols no second factor beside one that exists", async () => {
  const { staffId } = await enrol();
  const { ctx } = await openTestSession(staffId, null);
  await expect(beginTotp(ctx)).resolves.toMatchObject({ reason: "step_up_needed" });
  await expect(confirmTotp(ctx, { code: "123456" })).resolves.toMatchObject({ reason: "step_up_needed" });
  await expect(beginPasskeyRegistration(ctx)).resolves.toMatchObject({ reason: "step_up_needed" });
});

test("nor does a session whose second factor was shown more than 15 minutes ago", async () => {
  const { token, staffId } = await enrol();
  await db.sql`update staff_session set second_factor_at = now() - interval '15 minutes 1 second' where staff_id = ${staffId}`;
  await expect(beginPasskeyRegistration(await enteringContext(token))).resolves.toMatchObject({
    reason: "step_up_needed",
  });
});

test("a code shown in a session that ended meanwhile opens nothing", async () => {
  const { staffId, secret } = await enrol();
  const { ctx } = await openTestSession(staffId, null);
  const shown = await showTotp(ctx, { code: codeOf(secret, 1) });
  await db.sql`update staff_session set ended_at = now() where staff_id = ${staffId}`;
  if (!shown.ok) throw new Error(shown.reason);
  await expect(openSession(publicContext(), { token: shown.token })).resolves.toBeUndefined();
});
