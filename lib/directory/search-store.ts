import "server-only";
import { asc, sql } from "drizzle-orm";
import { userPhone, users } from "@/db/schema/directory";
import type { Tx } from "@/lib/platform/transaction";
import type { Searchable, SearchKey } from "./words";

/** Ids as one parameter. */
const anyOf = (ids: readonly string[]) => sql`any(${sql.param([...ids])}::uuid[])`;

/** What users are found by, each row locked until the transaction ends. */
export async function listSearchables(
  tx: Tx,
  userIds: readonly string[],
): Promise<(Searchable & { id: string; disabledAt: Date | null })[]> {
  const rows = await tx
    .select({
      id: users.id,
      firstName: users.firstName,
      lastName: users.lastName,
      displayName: users.displayName,
      login: users.login,
      email: users.email,
      employeeNumber: users.employeeNumber,
      disabledAt: users.disabledAt,
    })
    .from(users)
    .where(sql`${users.id} = ${anyOf(userIds)}`)
    .orderBy(asc(users.id))
    .for("update");
  const phones = await tx
    .select({ userId: userPhone.userId, e164: userPhone.e164 })
    .from(userPhone)
    .where(sql`${userPhone.userId} = ${anyOf(userIds)}`)
    .orderBy(asc(userPhone.channel));
  return rows.map((row) => ({
    ...row,
    phones: phones.filter(({ userId }) => userId === row.id).map(({ e164 }) => e164),
  }));
}

/** Puts `keys` in the place of all that the users had. */
export async function replaceSearchKeys(
  tx: Tx,
  of: readonly { userId: string; words: string[]; keys: readonly SearchKey[] }[],
): Promise<void> {
  const userIds = of.map(({ userId }) => userId);
  await tx.execute(sql`
    update users set search_words = w.words
    from jsonb_to_recordset(${JSON.stringify(of.map(({ userId, words }) => ({ id: userId, words })))}::text::jsonb) as w(id uuid, words text[])
    where users.id = w.id`);
  await tx.execute(sql`delete from user_search_key where user_id = ${anyOf(userIds)}`);
  const rows = of.flatMap(({ userId, keys }) =>
    keys.map(({ rank, head, word, rest }) => [userId, rank, head, word, rest]),
  );
  const BATCH = 10_000;
  for (let at = 0; at < rows.length; at += BATCH)
    await tx.execute(sql`
      insert into user_search_key (user_id, rank, head, word, rest)
      select (r->>0)::uuid, (r->>1)::smallint, r->>2, r->>3, r->>4
      from jsonb_array_elements(${JSON.stringify(rows.slice(at, at + BATCH))}::text::jsonb) as r`);
}
