import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Context } from "@/lib/platform/context";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { addStaff, openTestSession, STAFF_PASSWORD } from "@/tools/testing/staff";
import { changeOwnPassword, removePasskey, removeTotp } from "./account";
import { endOwnSession, endStaffSession } from "./end-session";
import { inviteStaff } from "./invite";
import { acceptLink } from "./link";
import type { EnteringContext } from "./live-session";
import { beginPasskeyCheck, finishPasskeyRegistration } from "./passkey";
import { setUpOwner } from "./setup";
import { beginTotp, confirmTotp, showTotp } from "./totp";

const db = openTestDatabase();

const weak = "password123456";

async function onAccount(act: (ctx: Context) => Promise<object>): Promise<[string, object]> {
  const { staffId } = await addStaff();
  const ctx = staffContext("helpdesk", { staffId });
  return [ctx.requestId, await act(ctx)];
}

async function entering(act: (ctx: EnteringContext) => Promise<object>): Promise<[string, object]> {
  const { staffId } = await addStaff();
  const { ctx } = await openTestSession(staffId, null);
  return [ctx.requestId, await act(ctx)];
}

async function asStranger(act: (ctx: Context) => Promise<object>): Promise<[string, object]> {
  const ctx = publicContext();
  return [ctx.requestId, await act(ctx)];
}

const attestation = {
  id: "AAAA",
  rawId: "AAAA",
  type: "public-key",
  clientExtensionResults: {},
  response: { clientDataJSON: "e30", attestationObject: "AAAA" },
} as const;

test.each<[string, string, () => Promise<[string, object]>]>([
  [
    "staff.password-changed",
    "weak_password",
    () => onAccount((ctx) => changeOwnPassword(ctx, { current: STAFF_PASSWORD, password: weak })),
  ],
  [
    "staff.password-changed",
    "weak_password",
    () =>
      asStranger(async (ctx) => {
        const email = `${randomUUID()}@sparekey.test`;
        const invited = await inviteStaff(staffContext("owner"), {
          email,
          name: "New One",
          role: "lead",
          userDirectoryId: null,
        });
        if (!invited.ok) throw new Error(invited.reason);
        const token = new URL(invited.link.url).searchParams.get("token") as string;
        return acceptLink(ctx, { token, password: weak });
      }),
  ],
  [
    "staff.created",
    "weak_password",
    () =>
      asStranger((ctx) =>
        setUpOwner(ctx, { code: "ABCD", email: "first@sparekey.test", name: "First", password: weak }),
      ),
  ],
  ["staff.factor-reset", "not_found", () => onAccount((ctx) => removePasskey(ctx, { passkeyId: "none" }))],
  ["staff.factor-reset", "not_found", () => onAccount(removeTotp)],
  [
    "staff.session-ended",
    "not_found",
    () => onAccount((ctx) => endOwnSession(ctx, { sessionId: randomUUID() })),
  ],
  [
    "staff.session-ended",
    "not_found",
    () =>
      asStranger(async ({ requestId }) =>
        endStaffSession(
          { ...staffContext("owner"), requestId },
          { staffId: randomUUID(), sessionId: randomUUID() },
        ),
      ),
  ],
  ["staff.factor-added", "none", () => entering((ctx) => confirmTotp(ctx, { code: "123456" }))],
  [
    "staff.factor-added",
    "wrong",
    () =>
      entering(async (ctx) => {
        await beginTotp(ctx);
        return confirmTotp(ctx, { code: "no-code" });
      }),
  ],
  ["staff.sign-in-failed", "none", () => entering((ctx) => showTotp(ctx, { code: "123456" }))],
  ["staff.sign-in-failed", "none", () => entering(beginPasskeyCheck)],
  [
    "staff.factor-added",
    "wrong",
    () => entering((ctx) => finishPasskeyRegistration(ctx, { response: attestation, name: "Key" })),
  ],
])("the refusal %s %s is in the log", async (kind, reason, act) => {
  const [requestId, answer] = await act();
  expect(answer).toEqual({ ok: false, reason });
  const events = await db.sql`select kind, outcome, reason from audit_event
    where request_id = ${requestId} and outcome <> 'ok'`;
  expect(events).toEqual([{ kind, outcome: "refused", reason }]);
});
