import { randomUUID } from "node:crypto";
import path from "node:path";
import { findUserByName } from "@/lib/directory/store";
import { issueGrant } from "@/lib/grants/issue";
import { systemContext } from "@/lib/platform/context";
import { closeDatabase, inStatement } from "@/lib/platform/transaction";
import { seedDemoStaff } from "@/lib/staff/seed-demo";
import { seedDemoClients } from "./clients";
import { seedPeople } from "./people";

const ALWAYS_LIVE = [
  { login: "sms.sofia", method: "sms" },
  { login: "voice.viktor", method: "voice" },
] as const;

/**
 * Makes the demo's people, staff and callers where they are missing, and renews the two grants that are always live
 * (contract, "Demo data").
 * @param environment what the server will run with; this process takes it on.
 * @param folder where the callers' material goes, in `clients/`.
 */
export async function seedDemo(environment: Record<string, string>, folder: string): Promise<void> {
  Object.assign(process.env, environment);
  try {
    await seedDemoStaff();
    await seedPeople();
    await seedDemoClients(path.join(folder, "clients"));
    const ctx = systemContext("demo", "demo-seed");
    for (const { login, method } of ALWAYS_LIVE) {
      const user = await inStatement((tx) => findUserByName(tx, login));
      if (user === undefined) throw new Error(`the demo lacks ${login}`);
      const issued = await issueGrant(ctx, {
        userId: user.id,
        method,
        reason: "lost",
        formId: randomUUID(),
        replaces: "any",
      });
      if (!issued.ok) throw new Error(`the demo's grant for ${login} was refused: ${issued.reason}`);
    }
  } finally {
    await closeDatabase();
  }
}
