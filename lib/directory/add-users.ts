import "server-only";
import { randomUUID } from "node:crypto";
import type { Tx } from "@/lib/platform/transaction";
import { insertGroups, insertPhones, insertSearchKeys, insertUsers } from "./add-store";
import type { DirectoryUser } from "./input";
import { encodeWords, type SearchKey, toSearchKeys, toSearchWords } from "./words";

/** Somebody who isn't here yet, with everything that their rows will hold. */
export interface NewUser {
  id: string;
  person: DirectoryUser;
  /** The login of their manager, folded: whoever has it when they are added. */
  managerKey: string | null;
  words: string[];
  keys: readonly SearchKey[];
}

/** Makes somebody ready to be added: what takes the processor's time is done before a transaction begins. */
export function prepareUser(person: DirectoryUser, managerKey: string | null): NewUser {
  const words = toSearchWords({ ...person, phones: Object.values(person.phones) });
  return {
    id: randomUUID(),
    person,
    managerKey,
    words: encodeWords(words),
    keys: toSearchKeys(words, person.isDisabled),
  };
}

/**
 * Adds people who aren't here, with phones, groups, manager and their place in the look-up, by one statement for each table, in the
 * order of the look-up's index.
 * @returns how many of them have no manager, though one is named: whoever it is isn't here.
 * @throws the database's error where somebody has one of the logins or directory ids by now. Nothing is kept then, as the caller rolls back.
 */
export async function addUsers(tx: Tx, people: readonly NewUser[], source: "csv"): Promise<number> {
  if (people.length === 0) return 0;
  const unmanaged = await insertUsers(tx, people, source);
  await insertPhones(tx, people);
  await insertGroups(tx, people);
  await insertSearchKeys(
    tx,
    people.map(({ id, keys }) => ({ userId: id, keys })),
  );
  return unmanaged;
}
