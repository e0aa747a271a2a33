import { type Refusal, refuse } from "@/lib/platform/outcome";
import type { SendRules } from "./model";

/** One earlier send of the last day to the same user or to the same number. */
export interface EarlierSend {
  /** How long ago it was asked for. */
  ageSeconds: number;
  sameUser: boolean;
  sameNumber: boolean;
}

/** One earlier OTP. */
export interface EarlierOtp extends EarlierSend {
  /** Whether the desk sent it, and no attempt has used it since. */
  byDesk: boolean;
}

const tenMinutes = 600;
const day = 86_400;

function waitSeconds(ages: readonly number[], max: number, windowSeconds: number): number {
  const within = ages.filter((age) => age < windowSeconds).sort((a, b) => a - b);
  const oldestThatCounts = within[max - 1];
  return oldestThatCounts === undefined ? 0 : Math.max(1, Math.ceil(windowSeconds - oldestThatCounts));
}

/**
 * Decides whether one more may be sent now: at most so many in ten minutes and in a day to one user and to one number, and
 * so many seconds between a send and its resend (limits, "OTP sends").
 * @param lastOfSameSeconds how long ago the same attempt asked for the same channel, null if it never did.
 */
export function decideSend(
  rules: SendRules["sends"],
  earlier: readonly EarlierSend[],
  lastOfSameSeconds: number | null,
): { ok: true } | Refusal<"too_soon" | "send_limit", { retryAfterSeconds: number }> {
  const groups = [earlier.filter((send) => send.sameUser), earlier.filter((send) => send.sameNumber)];
  const wait = Math.max(
    ...groups.flatMap((sends) => {
      const ages = sends.map((send) => send.ageSeconds);
      return [waitSeconds(ages, rules.perTenMinutesMax, tenMinutes), waitSeconds(ages, rules.perDayMax, day)];
    }),
  );
  if (wait > 0) return refuse("send_limit", { retryAfterSeconds: wait });
  if (lastOfSameSeconds !== null && lastOfSameSeconds < rules.resendSeconds) {
    const rest = Math.max(1, Math.ceil(rules.resendSeconds - lastOfSameSeconds));
    return refuse("too_soon", { retryAfterSeconds: rest });
  }
  return { ok: true };
}

/**
 * Decides as `decideSend` whether one more OTP may be sent. What attempts asked for and what the desk sends have a bound each, so
 * that strangers who ask in somebody's name never stop the desk; both together have twice as much.
 */
export function decideOtpSend(
  rules: SendRules["sends"],
  earlier: readonly EarlierOtp[],
  byDesk: boolean,
  lastOfSameSeconds: number | null,
): ReturnType<typeof decideSend> {
  const alike = earlier.filter((send) => send.byDesk === byDesk);
  const own = decideSend(rules, alike, lastOfSameSeconds);
  if (!own.ok || !byDesk) return own;
  const { perTenMinutesMax, perDayMax } = rules;
  const both = { ...rules, perTenMinutesMax: 2 * perTenMinutesMax, perDayMax: 2 * perDayMax };
  return decideSend(both, earlier, null);
}
