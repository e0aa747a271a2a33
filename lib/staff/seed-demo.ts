import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { isDemo } from "@/lib/platform/config";
import { type Role, systemContext } from "@/lib/platform/context";
import { Fault } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { toEmailKey } from "./email";
import { hashPassword } from "./password";
import { insertStaff } from "./store";

const PASSWORD = "sparekey-demo";

const people: readonly { role: Role; name: string }[] = [
  { role: "helpdesk", name: "Hanna Berg" },
  { role: "lead", name: "Leo Marsh" },
  { role: "security", name: "Sana Iqbal" },
  { role: "auditor", name: "Aldo Ferri" },
  { role: "owner", name: "Olivia Stone" },
];

/**
 * Makes the staff of the demo (contract, "Demo data") where they don't exist yet.
 * @throws {Fault} outside of the demo: their password is known to everybody.
 */
export async function seedDemoStaff(): Promise<void> {
  if (!isDemo()) throw new Fault("the demo's staff exist in the demo only");
  const passwordHash = await hashPassword(PASSWORD);
  const ctx = systemContext("demo", "demo-seed");
  await inTransaction(async (tx) => {
    for (const { role, name } of people) {
      const email = `${role}@sparekey.test`;
      const staffId = await insertStaff(tx, { email, emailKey: toEmailKey(email), name, role, passwordHash });
      if (staffId !== undefined)
        await recordEvent(tx, ctx, {
          kind: "staff.created",
          outcome: "ok",
          target: { kind: "staff", id: staffId },
          details: { role, by: "demo" },
        });
    }
  });
}
