import { expect, test } from "vitest";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { insertMachine } from "@/tools/testing/offline";
import { revokeMachine } from "./revoke-machine";

const db = openTestDatabase();

test("a machine is revoked only by staff who showed their second factor lately, and the refusal is in the log", async () => {
  const { id: machineId } = await insertMachine(db.sql);
  const late = staffContext("security", { isSteppedUp: false });
  expect(await revokeMachine(late, { machineId, reason: "lost" })).toEqual({
    ok: false,
    reason: "step_up_needed",
  });
  const [event] = await db.sql`select outcome, reason from audit_event where request_id = ${late.requestId}`;
  expect(event).toEqual({ outcome: "refused", reason: "step_up_needed" });
});
