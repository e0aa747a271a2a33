import "server-only";
import { asc, sql } from "drizzle-orm";
import { userPhone, users } from "@/db/schema/directory";
import type { Tx } from "@/lib/platform/transaction";
import { insertSearchKeys } from "./add-store";
import type { KeyList } from "./lists";
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
    .for("no key update");
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
  await insertSearchKeys(tx, of);
}

/** Lists as the database's functions take them. */
const toAsked = (lists: readonly { list: KeyList; choice?: number }[]) =>
  JSON.stringify(
    lists.map(({ list: { head, rank, words, rests, third }, choice }, list) => ({
      list,
      choice,
      head,
      rank,
      word_from: words[0],
      word_below: words[1],
      rest_from: rests[0],
      rest_below: rests[1],
      third,
    })),
  );

/** The first `most` rows of each list, in the order of the lists. */
export async function readLists(
  tx: Tx,
  lists: readonly KeyList[],
  most: number,
): Promise<{ userId: string; word: string }[][]> {
  const rows = await tx.execute<{ list: number; user_id: string; word: string }>(
    sql`select list, user_id, word from sparekey_read_lists(${toAsked(lists.map((list) => ({ list })))}::text::jsonb, ${most})`,
  );
  const found: { userId: string; word: string }[][] = lists.map(() => []);
  for (const row of rows) found[row.list]?.push({ userId: row.user_id, word: row.word });
  return found;
}

/** What a user is found by, as `encodeWords` wrote it. */
export interface Searched {
  id: string;
  words: string[];
  isDisabled: boolean;
}

/**
 * Looks at everybody in the first `most` rows of each list, of `choices` only in those of the shortest, and keeps who has words that
 * begin as each of `beginnings` does: one word for two of them is enough, so each is to be judged.
 * @returns them, and how many rows each list that was looked at has.
 */
export async function siftLists(
  tx: Tx,
  { always, choices }: { always: readonly KeyList[]; choices: readonly (readonly KeyList[])[] },
  most: number,
  beginnings: readonly string[],
): Promise<{ lengths: ReadonlyMap<KeyList, number>; searched: Searched[] }> {
  const patterns = beginnings.map((text) => `[|~#@*]${text.replace(/[^\p{L}\p{M}\p{N}]/gu, "\\$&")}`);
  const lists = [
    ...always.map((list) => ({ list })),
    ...choices.flatMap((each, choice) => each.map((list) => ({ list, choice }))),
  ];
  const lengths = new Map<KeyList, number>();
  const searched: Searched[] = [];
  const rows = await tx.execute<{ list: number | null; length: number } & Searched & Record<string, unknown>>(
    sql`select list, length, user_id as id, words, is_disabled as "isDisabled"
      from sparekey_sift_lists(${toAsked(lists)}::text::jsonb, ${most}, ${sql.param(patterns)}::text[])`,
  );
  for (const { list, length, ...user } of rows) {
    if (list === null) searched.push(user);
    else lengths.set((lists[list] as { list: KeyList }).list, length);
  }
  return { lengths, searched };
}

/** The users who have one of the phone numbers. */
export async function listUsersByPhone(
  tx: Tx,
  phones: readonly string[],
  most: number,
): Promise<{ id: string; isDisabled: boolean }[]> {
  return tx.execute<{ id: string; isDisabled: boolean }>(
    sql`select u.id, u.disabled_at is not null as "isDisabled" from users u
      where u.id in (select user_id from user_phone where e164 = any(${sql.param([...phones])}::text[]))
      order by 2, u.login_key limit ${most}`,
  );
}

/** A user as a list of users shows them. */
export interface UserRow {
  id: string;
  login: string;
  email: string | null;
  displayName: string;
  employeeNumber: string | null;
  title: string | null;
  department: string | null;
  site: string | null;
  photoUrl: string | null;
  isDisabled: boolean;
  phones: { channel: "sms" | "voice"; e164: string }[];
}

/** Users by their ids, in no order. */
export async function listUsers(tx: Tx, userIds: readonly string[]): Promise<UserRow[]> {
  return tx.execute<UserRow & Record<string, unknown>>(
    sql`select u.id, u.login, u.email, u.display_name as "displayName", u.employee_number as "employeeNumber", u.title,
        u.department, u.site, u.photo_url as "photoUrl", u.disabled_at is not null as "isDisabled",
        coalesce((select jsonb_agg(jsonb_build_object('channel', p.channel, 'e164', p.e164) order by p.channel)
          from user_phone p where p.user_id = u.id), '[]') as phones
      from users u where u.id = ${anyOf(userIds)}`,
  );
}
