/** What an endpoint can be told of; the database's trigger writes a message for each (`sparekey_tell_webhooks`). */
export const eventTypes = [
  "grant.issued",
  "grant.redeemed",
  "grant.revoked",
  "delivery.failed",
  "code.throttled",
  "machine.alarm",
] as const;
export type EventType = (typeof eventTypes)[number];

/** Every type of a message: what an endpoint asked for, and what an owner sends to try it. */
export const messageTypes = [...eventTypes, "webhook.test"] as const;
export type MessageType = (typeof messageTypes)[number];

/** waiting: not taken yet, it will be sent (again). dead: not taken, and sent no more by itself. */
export const messageStates = ["waiting", "delivered", "dead"] as const;
export type MessageState = (typeof messageStates)[number];

/** Why nothing is sent to an endpoint. `gone`: it answered 410. `failing`: it took nothing for `failingSecondsMax`. */
export type DisabledReason = "staff" | "gone" | "failing";

/** Why there was no answer. `address`: the name leads to a network that is refused. */
export type AttemptFailure = "timeout" | "address" | "dns" | "connection" | "tls";

/** What a receiver answered, or why it didn't. */
export type Answer =
  | { status: number; retryAfterSeconds: number | null; excerpt: string }
  | { failure: AttemptFailure };

/** How many endpoints may live. */
export const endpointsMax = 20;

/**
 * How many messages are under way to one endpoint at a time, over all instances. With `endpointsMax` less than the worker's jobs:
 * receivers that hang hold up neither texts nor calls.
 */
export const sendsAtOnceMax = 4;

/** From the first packet to the last byte of the answer's head (Standard Webhooks, "Request timeouts"). */
export const answerSecondsMax = 15;

/** Who sends a message and said nothing for as long is dead; another sends it again. */
export const claimSeconds = 60;

/** How long messages are signed by the secret before, too. */
export const overlapSeconds = 24 * 3600;

/** An endpoint that took nothing for as long is disabled. */
export const failingSecondsMax = 5 * 24 * 3600;

/** How long messages are kept. */
export const keptSeconds = 30 * 24 * 3600;

/** How much of an answer is kept, in characters. */
export const excerptLengthMax = 1024;

const minute = 60;
const hour = 3600;

/** The waits after each failure, in seconds; after one more the message is dead (Standard Webhooks, "Deliverability and reliability"). */
export const retryWaits: readonly number[] = [
  5,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
];

/** The longest that a receiver's `Retry-After` is heeded. */
const retryAfterSecondsMax = 24 * hour;

/** By how much of itself a wait is longer, at random. */
const jitterShare = 0.2;

/** What becomes of a message after it was sent. `gone`: the endpoint is disabled, and the message kept for when it is enabled. */
export type Verdict =
  | { is: "delivered" }
  | { is: "retry"; waitSeconds: number }
  | { is: "dead" }
  | { is: "gone" };

/**
 * Decides what becomes of a message.
 * @param failures how often in a row it was not taken before. @param random in [0, 1).
 * @see Standard Webhooks, "Delivery success and failure"
 */
export function decideVerdict(answer: Answer, failures: number, random: number): Verdict {
  if ("status" in answer && answer.status >= 200 && answer.status < 300) return { is: "delivered" };
  if ("status" in answer && answer.status === 410) return { is: "gone" };
  const wait = retryWaits[failures];
  if (wait === undefined) return { is: "dead" };
  const asked = "status" in answer ? (answer.retryAfterSeconds ?? 0) : 0;
  const jittered = wait * (1 + jitterShare * random);
  return { is: "retry", waitSeconds: Math.max(jittered, Math.min(asked, retryAfterSecondsMax)) };
}

/**
 * Reads a `Retry-After`: seconds, or a date of HTTP.
 * @returns seconds from `now`, not below 0; null for what is neither.
 * @see RFC 9110, 10.2.3
 */
export function parseRetryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const at = /GMT$/.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, (at - now.getTime()) / 1000);
}

/** An endpoint as the console shows it: nothing in it signs anything. */
export interface EndpointView {
  id: string;
  url: string;
  description: string;
  eventTypes: EventType[];
  createdAt: Date;
  /** The name of the staff member who made it; null where no staff did. */
  creatorName: string | null;
  disabledAt: Date | null;
  disabledReason: DisabledReason | null;
  endedAt: Date | null;
  failingSince: Date | null;
  lastDeliveredAt: Date | null;
  /** Until when messages are signed by the secret before, too; null: they aren't. */
  previousUntil: Date | null;
  waiting: number;
  dead: number;
}

/** A message as it is listed. */
export interface MessageView {
  id: string;
  endpointId: string;
  /** What the endpoint is called. */
  endpoint: string;
  /** Whether its endpoint takes none now: it is kept until it does. */
  isHeld: boolean;
  hasEnded: boolean;
  type: MessageType;
  state: MessageState;
  sends: number;
  failures: number;
  dueAt: Date;
  createdAt: Date;
  endedAt: Date | null;
}

/** One time that a message was sent. */
export interface AttemptView {
  number: number;
  at: Date;
  status: number | null;
  failure: AttemptFailure | null;
  tookMs: number;
  excerpt: string | null;
  nextAt: Date | null;
}
