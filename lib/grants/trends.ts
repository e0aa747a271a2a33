import "server-only";
import type { Context } from "@/lib/platform/context";
import { inStatement } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type CountryOutcomes, type Day, selectDays, selectOutcomes } from "./trends-store";

/** So many days are told, today among them. */
export const trendDays = 30;

const countriesMax = 12;

/** How emergency access went lately. */
export interface Trends {
  /** Each of the last 30 days, the first first. */
  readonly days: Day[];
  /** The 12 busiest countries of these days. */
  readonly countries: CountryOutcomes[];
}

/**
 * Counts what was issued by day and method, and what became of texts and calls by country, over the last 30 days.
 * @param input.timeZone whose midnight parts the days (IANA).
 * @throws {Denied} without `grant:list`. Reads only: no event.
 * @see product, "How it must feel"; limits, last section: the reports show the trend
 */
export async function readTrends(ctx: Context, { timeZone }: { timeZone: string }): Promise<Trends> {
  await requirePermission(ctx, "grant:list");
  return inStatement(async (tx) => ({
    days: await selectDays(tx, trendDays, timeZone),
    countries: await selectOutcomes(tx, trendDays, timeZone, countriesMax),
  }));
}
