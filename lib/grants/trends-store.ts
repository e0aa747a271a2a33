import "server-only";
import { sql } from "drizzle-orm";
import type { Tx } from "@/lib/platform/transaction";
import type { Method } from "@/lib/policy/model";

/** How many grants of each method were issued on a day. */
export type Day = { readonly day: string } & Readonly<Record<Method, number>>;

/** What became of the texts and calls to a country. */
export interface CountryOutcomes {
  /** ISO 3166 alpha-2; null: the numbers are of no country that is known. */
  readonly country: string | null;
  readonly delivered: number;
  readonly failed: number;
  /** The provider's answer was lost, or its word never came. */
  readonly unknown: number;
  readonly underWay: number;
}

/** When the day began on which `days` days ending today, by the clock of `timeZone`, began. */
const since = (days: number, timeZone: string) =>
  sql`((date_trunc('day', now() at time zone ${timeZone}) - make_interval(days => ${days - 1}::int)) at time zone ${timeZone})`;

/** Counts what was issued on each of the last `days` days of `timeZone`, the first first; a day without any is there. */
export async function selectDays(tx: Tx, days: number, timeZone: string): Promise<Day[]> {
  const rows = await tx.execute<Record<string, unknown> & Day>(sql`
    select to_char(d.day, 'YYYY-MM-DD') as day,
      count(g.id) filter (where g.method = 'sms')::int as sms,
      count(g.id) filter (where g.method = 'voice')::int as voice,
      count(g.id) filter (where g.method = 'access_code')::int as access_code
    from generate_series(date_trunc('day', now() at time zone ${timeZone}) - make_interval(days => ${days - 1}::int),
        date_trunc('day', now() at time zone ${timeZone}), interval '1 day') as d(day)
      left join (select id, method, date_trunc('day', created_at at time zone ${timeZone}) as day
        from grants where created_at >= ${since(days, timeZone)}) g on g.day = d.day
    group by d.day order by d.day`);
  return [...rows];
}

/** Counts what became of texts and calls of the last `days` days, by country, the busiest first. */
export async function selectOutcomes(
  tx: Tx,
  days: number,
  timeZone: string,
  limit: number,
): Promise<CountryOutcomes[]> {
  const rows = await tx.execute<Record<string, unknown> & CountryOutcomes>(sql`
    select country,
      count(*) filter (where state = 'delivered')::int as delivered,
      count(*) filter (where state = 'failed')::int as failed,
      count(*) filter (where state = 'unknown')::int as unknown,
      count(*) filter (where state in ('queued', 'sending', 'sent'))::int as "underWay"
    from delivery where created_at >= ${since(days, timeZone)}
    group by country order by count(*) desc, country limit ${limit}::int`);
  return [...rows];
}
