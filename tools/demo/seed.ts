import { closeDatabase } from "@/lib/platform/transaction";
import { seedPeople } from "./people";

/** Makes the demo's people, staff and callers where they are missing, and renews the two grants that are always live (contract, "Demo data"). */
export async function seedDemo(environment: Record<string, string>, _folder: string): Promise<void> {
  Object.assign(process.env, environment);
  await seedPeople();
  await closeDatabase();
}
