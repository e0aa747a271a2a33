import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";

/**
 * Marks a disabled person as taken away: no name, address or id of the directory leads to them, they have no phone, group or reports,
 * and the look-up knows them no more. Their row stays, for the log and the grants they had.
 * @param by what took them away, as shown to staff.
 */
export async function markDeleted(tx: Tx, id: string, by: string): Promise<void> {
  await tx.execute(sql`
    update users set deleted_at = now(), deleted_by = ${by}, former_login_key = login_key, email_key = null, login_key = 'GONE ' || id, directory_id = 'GONE ' || gen_random_uuid(), external_id = null,
      manager_id = null, search_words = '{}', updated_at = now()
    where id = ${id}::uuid`);
  await tx.execute(sql`
    update directory_group d set version = version + 1, updated_at = now() from user_group g
    where g.user_id = ${id}::uuid and g.group_name = d.name`);
  await tx.execute(sql`update users set manager_id = null where manager_id = ${id}::uuid`);
  for (const table of ["user_search_key", "user_phone", "user_group"])
    await tx.execute(sql`delete from ${sql.identifier(table)} where user_id = ${id}::uuid`);
}
