import type { DeliveryFailure, ReportedStatus } from "./provider";

/** The ways to the user's phone: a text, or a call. */
export type Channel = "sms" | "voice";

/**
 * How far a delivery has come.
 *
 * - `queued`: waits for the worker.
 * - `sending`: the digits are drawn and the provider is being called; no answer yet.
 * - `sent`: the provider took it. `delivered`: it arrived. `failed`: it certainly did not, or will not.
 * - `unknown`: the answer was lost; it may have been sent. Never sent again by itself.
 */
export const deliveryStates = ["queued", "sending", "sent", "delivered", "failed", "unknown"] as const;

/** One of `deliveryStates`. */
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * Why nothing was handed to the provider, or why nobody knows.
 *
 * - `overtaken`: a newer code was asked for before this one left.
 * - `too_late`: the code would have been dead before it could be sent.
 * - `grant_ended`: the emergency access ended before the code left.
 * - `number_changed`: the number was changed or taken away before the code left.
 * - `method_off`: the method was switched off, for all or for a group of the user's, before the code left.
 * - `country_off`: the number's country was taken off the list before the code left.
 * - `interrupted`: this program stopped between handing it over and hearing the answer.
 */
export type OwnFailure =
  | "overtaken"
  | "too_late"
  | "grant_ended"
  | "number_changed"
  | "method_off"
  | "country_off"
  | "interrupted";

/** Why a delivery is `failed` or `unknown`: the provider's reason or our own. */
export type FailureKind = DeliveryFailure | OwnFailure;

/** What the policy says about texts and calls (limits, "SMS/voice OTP", "OTP sends", "money"). */
export interface SendRules {
  otp: { ttlSeconds: number; triesMax: number };
  sends: { perTenMinutesMax: number; perDayMax: number; resendSeconds: number };
  budget: { amountPerDay: number; text: SendCost; call: SendCost };
  /** ISO 3166 alpha-2. */
  countries: readonly string[];
}

/** What one text or call costs, in the policy's currency. */
export interface SendCost {
  otherwise: number;
  byCountry: Readonly<Record<string, number>>;
}

/** What one text or call to `country` is reckoned to cost. */
export function toCost(budget: SendRules["budget"], channel: Channel, country: string): number {
  const cost = channel === "sms" ? budget.text : budget.call;
  return cost.byCountry[country] ?? cost.otherwise;
}

/** What of the day's budget strangers may use up: the other half is left to what the desk sends. */
const strangersShare = 0.5;

/** The budget for what a stranger can set off. */
export function toStrangersBudget(budget: SendRules["budget"]): SendRules["budget"] {
  return { ...budget, amountPerDay: budget.amountPerDay * strangersShare };
}

/** What is known of a delivery, or reported of it. */
export interface Standing<State extends DeliveryState = DeliveryState> {
  state: State;
  failure: string | null;
}

const rank: Record<DeliveryState, number> = {
  queued: 0,
  sending: 0,
  unknown: 0,
  sent: 1,
  failed: 2,
  delivered: 3,
};

/** A voice mailbox that is hung up on has answered a call, and the call is completed: that it was a mailbox says more than both. */
const rankOf = ({ state, failure }: Standing) =>
  state === "failed" && failure === "voicemail" ? rank.delivered + 1 : rank[state];

/**
 * Decides what a report of the provider changes: the new state, or undefined where it changes nothing.
 * Any order of arrival ends in the same state: nothing outranks *delivered* but a voice mailbox, and nothing goes back.
 */
export function decideState(
  current: Standing,
  reported: Standing<ReportedStatus>,
): ReportedStatus | undefined {
  return rankOf(reported) > rankOf(current) ? reported.state : undefined;
}

/** How often one delivery is handed over before it counts as failed. Each time was certainly not taken. */
export const handOversMax = 6;

/**
 * How long to wait before a delivery that was certainly not taken is handed over again: 1 s doubling to 30 s, or what the
 * provider asked for if that is longer.
 * @param handOvers how often it was handed over so far, from 1.
 */
export function toRetrySeconds(handOvers: number, asked: number | undefined): number {
  return Math.max(Math.min(2 ** (handOvers - 1), 30), asked ?? 0);
}

/** A delivery in `sending` for longer than this was interrupted: no call to the provider may take as long. */
export const sendingSecondsMax = 90;

/** A delivery due for longer than this without a job in the queue gets a new job. */
export const queuedSecondsMax = 60;

/** A code that is good for less than this isn't sent any more: nobody could type it in time. */
export const sendableSecondsMin = 20;
