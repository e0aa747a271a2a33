import path from "node:path";
import { closeDatabase } from "@/lib/platform/transaction";
import { seedDemoStaff } from "@/lib/staff/seed-demo";
import { seedDemoClients } from "./clients";
import { renewGrants } from "./grants";
import { seedPeople } from "./people";

/**
 * Makes the demo's people, staff and callers where they are missing, and renews the two grants that are always live
 * (contract, "Demo data"). Where one of these can't be renewed, that is said, and the demo starts.
 * @param environment what the server will run with; this process takes it on.
 * @param folder where the callers' material goes, in `clients/`.
 */
export async function seedDemo(environment: Record<string, string>, folder: string): Promise<void> {
  Object.assign(process.env, environment);
  try {
    await seedDemoStaff();
    await seedPeople();
    await seedDemoClients(path.join(folder, "clients"));
    for (const { login, reason } of await renewGrants())
      console.warn(
        `${login} has no live grant this time (${reason}): what was changed here stays. --fresh starts over.`,
      );
  } finally {
    await closeDatabase();
  }
}
