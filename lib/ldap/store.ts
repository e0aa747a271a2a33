import "server-only";
import { eq, sql } from "drizzle-orm";
import { ldapDirectory } from "@/db/schema/ldap";
import { open, seal } from "@/lib/platform/keys";
import type { Tx } from "@/lib/platform/transaction";
import type { DirectorySettingsInput } from "./input";
import type { Cursor } from "./model";

/** The directory as it is kept. The password is sealed. */
export type DirectoryRow = typeof ldapDirectory.$inferSelect;

/** What a password is bound to: with another address, name or authority it doesn't open. */
const bindingOf = (to: Pick<DirectoryRow, "url" | "bindDn" | "caCertificate">) =>
  `${to.url}\0${to.bindDn}\0${to.caCertificate ?? ""}`;

/** Opens the password of a row. */
export function openPassword(row: DirectoryRow): string {
  const sealed = { cipher: row.passwordCipher, keyId: row.passwordKeyId };
  return Buffer.from(open("ldap", sealed, bindingOf(row))).toString();
}

/** Finds the directory. */
export async function findDirectory(tx: Tx): Promise<DirectoryRow | undefined> {
  const [row] = await tx.select().from(ldapDirectory);
  return row;
}

/** The same, held until the transaction ends. */
export async function lockDirectory(tx: Tx): Promise<DirectoryRow | undefined> {
  const [row] = await tx.select().from(ldapDirectory).for("update");
  return row;
}

/** Keeps settings; whatever is known of earlier syncs is forgotten, so that the next one reads everything. */
export async function putDirectory(
  tx: Tx,
  { password, ...settings }: DirectorySettingsInput & { password: string },
  changedBy: string | null,
): Promise<void> {
  const { cipher, keyId } = seal("ldap", Buffer.from(password), bindingOf(settings));
  const values = {
    ...settings,
    attributes: settings.attributes as Record<string, string>,
    passwordCipher: cipher,
    passwordKeyId: keyId,
    cursor: null,
    groupsDigest: null,
    changedAt: sql`now()`,
    changedBy,
  };
  await tx
    .insert(ldapDirectory)
    .values(values)
    .onConflictDoUpdate({
      target: ldapDirectory.id,
      set: { ...values, version: sql`${ldapDirectory.version} + 1` },
    });
}

/** Seals the password anew under the master key in force, where it lies under another; answers whether it did. */
export async function resealPassword(tx: Tx, keyId: string): Promise<boolean> {
  const row = await lockDirectory(tx);
  if (row === undefined || row.passwordKeyId === keyId) return false;
  const sealed = seal("ldap", Buffer.from(openPassword(row)), bindingOf(row));
  await tx.update(ldapDirectory).set({ passwordCipher: sealed.cipher, passwordKeyId: sealed.keyId });
  return true;
}

/** Forgets the directory and its password. */
export async function deleteDirectory(tx: Tx): Promise<void> {
  await tx.delete(ldapDirectory);
}

/** Keeps where a sync ended, unless the settings changed meanwhile; from the first on others follow. */
export async function putSynced(
  tx: Tx,
  version: number,
  synced: { cursor: Cursor | null; groupsDigest: string; isFull: boolean },
): Promise<void> {
  const { isFull, ...rest } = synced;
  await tx
    .update(ldapDirectory)
    .set({ ...rest, ...(isFull ? { fullAt: sql`now()` } : {}), nextAt: due })
    .where(eq(ldapDirectory.version, version));
}

/** Some seconds earlier or later than said, so that many installations don't ask at once. */
const due = sql`now() + make_interval(mins => ${ldapDirectory.everyMinutes}) * (0.95 + random() * 0.1)`;

/** Says when the next sync is due. */
export async function putDue(tx: Tx): Promise<void> {
  await tx.update(ldapDirectory).set({ nextAt: due });
}

/** Forgets syncs that the clock asked for and that ended a week ago: they are many, and the log has them. */
export async function deleteOldSyncs(tx: Tx): Promise<void> {
  await tx.execute(sql`
    delete from import_job where kind = 'ldap' and asked_by_kind = 'system' and ended_at < now() - interval '7 days'`);
}
