import { expect, test } from "vitest";
import type { Context } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertMachine } from "@/tools/testing/offline";
import { createEnrolmentToken } from "./create-enrolment-token";
import { releaseMachine } from "./release";
import { announceSigningKey, endSigningKey, putSigningKeyInForce } from "./rotate-signing-key";

const db = openTestDatabase();

const acts: Readonly<Record<string, (ctx: Context) => Promise<{ ok: boolean }>>> = {
  "machine.offered": (ctx) => createEnrolmentToken(ctx, { machine: "NEW-1", users: [] }),
  "machine.released": async (ctx) => {
    const { name } = await insertMachine(db.sql);
    return releaseMachine(ctx, { machine: name, reason: null });
  },
  "signing-key.announced": announceSigningKey,
  "signing-key.in-force": putSigningKeyInForce,
  "signing-key.ended": async (ctx) => {
    const [older] = await db.sql`select id from signing_key where ended_at is null order by created_at`;
    return endSigningKey(ctx, { id: older?.id as string, force: true });
  },
};

test.each(Object.entries(acts))(
  "%s: only by staff who showed their second factor lately, and the refusal is in the log",
  async (kind, act) => {
    const late = staffContext("security", { isSteppedUp: false });
    expect(await act(late)).toEqual({ ok: false, reason: "step_up_needed" });
    const events =
      await db.sql`select kind, outcome, reason from audit_event where request_id = ${late.requestId}`;
    expect(events).toEqual([{ kind, outcome: "refused", reason: "step_up_needed" }]);
    const soon = staffContext("security", { isSteppedUp: true });
    expect(await act(soon)).toMatchObject({ ok: true });
  },
);
