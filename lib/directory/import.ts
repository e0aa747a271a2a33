import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import {
  lockImports,
  setManagers,
  upsertGroups,
  upsertPhones,
  upsertSignIns,
  upsertUsers,
} from "./import-store";
import { indexUsers } from "./index-users";
import { type DirectoryUserInput, directoryUserSchema } from "./input";

const BATCH = 500;

/** What an import came to, in users. */
export interface ImportReport {
  added: number;
  changed: number;
  unchanged: number;
}

/**
 * Brings users to what their directory says: adds those whose directory id is new, changes the others where they differ, and
 * keeps the look-up in step. The same people again change nothing. Users who are not named stay as they are, and so does
 * a phone that staff set. A last sign-in never moves back.
 * @param people any number of them; a manager may stand anywhere among them or be known already, else there is none.
 * @param source where those who are new come from; the others keep what they have.
 * @throws {z.ZodError} where a person is not one; the database's error where two have one login. Nothing is kept then, as the caller rolls back.
 */
export async function importUsers(
  tx: Tx,
  people: readonly DirectoryUserInput[],
  source: "csv" | "demo" | "ldap" = "csv",
): Promise<ImportReport> {
  const users = people.map((person) => directoryUserSchema.parse(person));
  await lockImports(tx);
  const report: ImportReport = { added: 0, changed: 0, unchanged: 0 };
  for (let at = 0; at < users.length; at += BATCH) {
    const batch = users.slice(at, at + BATCH);
    const { added, changed } = await upsertUsers(tx, batch, source);
    const reached = await upsertPhones(tx, batch);
    await upsertGroups(tx, batch);
    await upsertSignIns(tx, batch);
    const touched = new Set([...added, ...changed, ...reached]);
    await indexUsers(tx, [...touched]);
    report.added += added.length;
    report.changed += touched.size - added.length;
    report.unchanged += batch.length - touched.size;
  }
  for (let at = 0; at < users.length; at += BATCH) await setManagers(tx, users.slice(at, at + BATCH));
  return report;
}
