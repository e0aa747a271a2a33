import "server-only";
import { type SQL, sql } from "drizzle-orm";

/** Texts as one parameter. */
export function textArray(texts: readonly (string | null)[]): SQL {
  return sql`${sql.param([...texts])}::text[]`;
}

/** Ids as one parameter. */
export function uuidArray(ids: readonly string[]): SQL {
  return sql`${sql.param([...ids])}::uuid[]`;
}

/** As the tag `sql`, of an instant: in milliseconds since 1970, a number that `Date` takes. */
export function milliseconds(instant: TemplateStringsArray, ...values: unknown[]): SQL<number> {
  return sql`extract(epoch from ${sql(instant, ...values)})::float8 * 1000`;
}

/** As the tag `sql`, of an instant: in ISO 8601, UTC, with milliseconds. */
export function iso8601(instant: TemplateStringsArray, ...values: unknown[]): SQL<string> {
  return sql`to_char(${sql(instant, ...values)} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** The instant that `milliseconds` told, where there is one. */
export function toDate(milliseconds: number | null): Date | null {
  return milliseconds === null ? null : new Date(milliseconds);
}
