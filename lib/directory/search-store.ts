import "server-only";
import { asc, sql } from "drizzle-orm";
import { userPhone, users } from "@/db/schema/directory";
import { textArray, uuidArray } from "@/lib/platform/sql";
import type { Tx } from "@/lib/platform/transaction";
import type { Method } from "@/lib/policy/model";
import { insertSearchKeys } from "./add-store";
import type { KeyList } from "./lists";
import type { PhoneChannel } from "./model";
import { hasDigit, scoreOf, type Term } from "./query";
import type { Searchable, SearchKey } from "./words";

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
    .where(sql`${users.id} = any(${uuidArray(userIds)})`)
    .orderBy(asc(users.id))
    .for("no key update");
  const phones = await tx
    .select({ userId: userPhone.userId, e164: userPhone.e164 })
    .from(userPhone)
    .where(sql`${userPhone.userId} = any(${uuidArray(userIds)})`)
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
  await tx.execute(sql`delete from user_search_key where user_id = any(${uuidArray(userIds)})`);
  await insertSearchKeys(tx, of);
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
  isDisabled: boolean;
  phones: { channel: PhoneChannel; e164: string }[];
  /** What emergency access they have now, what ends last first; `expiresAt` in ISO 8601. */
  access: { method: Method; expiresAt: string }[];
}

/** Lists as the database's functions take them. */
const toAsked = (lists: readonly { list: KeyList; choice?: number }[]) =>
  JSON.stringify(
    lists.map(({ list: { head, rank, words, rests, third, fits }, choice }, list) => ({
      list,
      choice,
      head,
      rank,
      word_from: words[0],
      word_below: words[1],
      rest_from: rests[0],
      rest_below: rests[1],
      third,
      text: fits.text,
      whole: scoreOf(fits.whole),
      begun: scoreOf(fits.begun),
    })),
  );

/** A user who fits: how well (`scoreOf`), and by which word. */
export interface Fitting extends UserRow {
  fit: number;
  word: string;
}

/**
 * Finds whoever stands in the first `most` rows of a list, of all of them the best `want`.
 * @returns them, the best first, and whether a list goes on behind these rows though fewer than `want` stand in them.
 */
export async function findInLists(
  tx: Tx,
  lists: readonly KeyList[],
  want: number,
  most: number,
): Promise<{ users: Fitting[]; isShort: boolean }> {
  const asked = toAsked(lists.map((list) => ({ list })));
  const [row] = await tx.execute<{ found: { users: Fitting[]; isShort: boolean } }>(
    sql`select sparekey_find_users(${asked}::text::jsonb, ${want}, ${most}) as found`,
  );
  return (row as NonNullable<typeof row>).found;
}

/** A user whose words (`encodeWords`) are to be judged. */
export interface Searched extends UserRow {
  words: string[];
}

/** Where a word that may fit `term`, or another form of it, starts in words (`encodeWords`) that are joined by blanks. */
function startOf({ kind, text }: Term): string {
  if (kind === "address") return " @";
  return hasDigit(text) ? " [~#*]?(?:[^ ]*[|])?" : " ~?(?:[^ ]*[|])?";
}

/** So many words that begin alike are asked for at most: what is typed must not make a pattern that takes long. */
const ALIKE_MAX = 3;

/** What words fit of which as many begin as a term does as there are terms of its kind that do. */
function toPatterns(terms: readonly Term[]): string[] {
  const patterns = terms.map((term) => {
    const start = startOf(term);
    const beginning = start + term.text.replace(/[^\p{L}\p{M}\p{N}]/gu, "\\$&");
    const alike = terms.filter((other) => startOf(other) === start && other.text.startsWith(term.text));
    return Array(Math.min(alike.length, ALIKE_MAX)).fill(beginning).join(".*");
  });
  return [...new Set(patterns)];
}

/**
 * Looks at who stands in lists, of `choices` only in those of the shortest, and keeps who has words that begin as `terms` do: whether
 * each has a word of its own is to be judged. A list of fewer than `most` rows is looked at whole, one of a choice where all lists of that
 * choice are as short; of every other list the first `few` rows.
 * @returns them, and which lists were looked at: whether all of each was.
 */
export async function siftLists(
  tx: Tx,
  { always, choices }: { always: readonly KeyList[]; choices: readonly (readonly KeyList[])[] },
  { most, few }: { most: number; few: number },
  terms: readonly Term[],
): Promise<{ looked: ReadonlyMap<KeyList, boolean>; users: Searched[] }> {
  const patterns = toPatterns(terms);
  const lists = [
    ...always.map((list) => ({ list })),
    ...choices.flatMap((each, choice) => each.map((list) => ({ list, choice }))),
  ];
  const [row] = await tx.execute<{ sifted: { lists: Record<number, boolean>; users: Searched[] } }>(
    sql`select sparekey_sift_lists(${toAsked(lists)}::text::jsonb, ${most}, ${few}, ${textArray(patterns)}) as sifted`,
  );
  const { lists: looked, users } = (row as NonNullable<typeof row>).sifted;
  return {
    looked: new Map(
      Object.entries(looked).map(([list, isAll]) => [lists[Number(list)]?.list as KeyList, isAll]),
    ),
    users,
  };
}

/** The users who have one of the phone numbers, enabled ones first, `most` at most. */
export async function listUsersByPhone(tx: Tx, phones: readonly string[], most: number): Promise<UserRow[]> {
  return tx.execute<UserRow & Record<string, unknown>>(
    sql`select s.* from shown_user s join users u on u.id = s.id
      where s.id in (select user_id from user_phone where e164 = any(${textArray(phones)}))
      order by s."isDisabled", u.login_key limit ${most}`,
  );
}

/** Users by their ids, in no order. */
export async function listUsers(tx: Tx, userIds: readonly string[]): Promise<UserRow[]> {
  return tx.execute<UserRow & Record<string, unknown>>(
    sql`select * from shown_user where id = any(${uuidArray(userIds)})`,
  );
}
