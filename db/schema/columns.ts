import { getTableColumns, type Table } from "drizzle-orm";
import { customType, timestamp } from "drizzle-orm/pg-core";

/** Raw bytes, as a Node `Buffer` (a `Uint8Array` in the types). */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => "bytea",
  fromDriver: (value) => new Uint8Array(value),
  toDriver: (value) => Buffer.from(value),
});

/** Text that is ordered by its bytes whatever the database's locale, so that an index finds words by their beginning. */
export const orderedText = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

/** An instant, `timestamptz`, read as a `Date`. */
export const instant = () => timestamp({ withTimezone: true, mode: "date", precision: 3 });

/**
 * How much a column gives away. `public`: may stand in a log line. `personal`: about a person, may be erased.
 * `secret`: a credential, or what one is checked or unlocked with; leaves the store for its one use only.
 */
export type Sensitivity = "public" | "personal" | "secret";

const marks = new Map<Table, Record<string, Sensitivity>>();

/** Marks every column of `table`; a column without a mark does not compile. */
export function mark<T extends Table>(table: T, columns: Record<keyof T["$inferSelect"], Sensitivity>): void {
  marks.set(table, columns);
}

/** The marks of `table`, or undefined where it has none. */
export function findMarks(table: Table): Record<string, Sensitivity> | undefined {
  return marks.get(table);
}

/** The columns of `table` that carry no mark. Empty, unless a cast went round the types. */
export function listUnmarked(table: Table): string[] {
  const known = marks.get(table) ?? {};
  return Object.keys(getTableColumns(table)).filter((name) => known[name] === undefined);
}
