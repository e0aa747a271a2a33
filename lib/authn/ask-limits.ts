import { decideSend } from "@/lib/delivery/limits";
import type { SendRules } from "@/lib/delivery/model";

/** One text or call of the last ten minutes that was asked for in a name. */
export interface EarlierAsk extends Record<string, unknown> {
  ageSeconds: number;
  /** Stands for where it came from. */
  sourceKey: string;
}

/** So many times what one source may ask for is asked for in one name at most. */
const sourcesMax = 10;

/**
 * Decides whether a text or call may be asked for: so many in ten minutes in one name from one source, ten times as many from all
 * together, and so many seconds between two of one attempt and channel. How many a day are sent is judged where they are sent:
 * counted here, a few asks of a stranger would keep the user out for the day.
 * @param lastOfSameSeconds how long ago the same attempt asked for the same channel, null if it never did.
 */
export function decideAsk(
  rules: SendRules["sends"],
  earlier: readonly EarlierAsk[],
  sourceKey: string,
  lastOfSameSeconds: number | null,
): ReturnType<typeof decideSend> {
  const sends = earlier.map((ask) => ({ ...ask, sameUser: true, sameNumber: false }));
  const own = { ...rules, perDayMax: Number.POSITIVE_INFINITY };
  const all = { ...own, perTenMinutesMax: sourcesMax * rules.perTenMinutesMax };
  const decision = decideSend(
    own,
    sends.filter((send) => send.sourceKey === sourceKey),
    lastOfSameSeconds,
  );
  return decision.ok ? decideSend(all, sends, null) : decision;
}
