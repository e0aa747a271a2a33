import type { DeliveryLanguage } from "./language";

/**
 * Why a text or call was not taken, or did not arrive. The list is closed: whoever shows one says what to do next.
 *
 * - `opted_out`: the recipient has asked the provider to send nothing more.
 * - `number_invalid`: no such number, or not one that the channel can reach.
 * - `undeliverable`: the network could not hand it over (phone off, out of reach, unknown to its network).
 * - `busy`, `no_answer`, `declined`: a call that was not taken.
 * - `voicemail`: a call that a voice mailbox took; nothing was spoken to it.
 * - `blocked`: the provider or a carrier would not carry it (country not permitted, content filter, sender barred).
 * - `expired`: the network gave up after its own time limit.
 * - `throttled`: too many requests at once.
 * - `out_of_credit`: the account at the provider has no money or allowance left.
 * - `credentials`: the provider does not accept our credentials.
 * - `request_invalid`: the provider calls our request malformed; a fault of ours or of the configuration.
 * - `provider_down`: the provider answered with a fault of its own.
 * - `not_sent`: the request never left: no connection, or no such host.
 * - `timeout`: no answer within the time limit.
 * - `connection_lost`: the connection ended before the answer.
 * - `unreadable`: an answer that makes no sense.
 * - `other`: a failure that the provider reports without a reason known here.
 */
export const deliveryFailures = [
  "opted_out",
  "number_invalid",
  "undeliverable",
  "busy",
  "no_answer",
  "declined",
  "voicemail",
  "blocked",
  "expired",
  "throttled",
  "out_of_credit",
  "credentials",
  "request_invalid",
  "provider_down",
  "not_sent",
  "timeout",
  "connection_lost",
  "unreadable",
  "other",
] as const;

/** One of `deliveryFailures`. */
export type DeliveryFailure = (typeof deliveryFailures)[number];

/**
 * What became of handing a text or call to the provider.
 *
 * - `accepted`: the provider took it and will report under `providerRef`.
 * - `refused`: it was certainly not taken, so that sending again can't send twice. `retryable`: trying the very same
 *   again later may succeed, not before `retryAfterSeconds` if the provider named a time.
 * - `unknown`: it may have been taken. Sending again could send twice; a later report may tell.
 */
export type SendOutcome =
  | { state: "accepted"; providerRef: string }
  | { state: "refused"; failure: DeliveryFailure; retryable: boolean; retryAfterSeconds?: number }
  | { state: "unknown"; failure: DeliveryFailure };

/** A text to hand to the provider. */
export type OutgoingText = {
  /** Our own id of the delivery; comes back in the provider's reports. */
  deliveryId: string;
  toE164: string;
  text: string;
};

/** A piece of what is spoken: words, or silence. */
export type SpokenPart = { say: string } | { pauseMilliseconds: number };

/** What is spoken in a call, without regard to a provider's notation. */
export type SpokenMessage = {
  language: DeliveryLanguage;
  parts: SpokenPart[];
  /** How often it is spoken in all, 1 or more. */
  times: number;
};

/** A call to have placed by the provider. */
export type OutgoingCall = {
  /** Our own id of the delivery; comes back in the provider's reports. */
  deliveryId: string;
  toE164: string;
  message: SpokenMessage;
};

/**
 * A company that sends texts and places calls.
 *
 * Neither method throws or rejects for anything that the provider or the network does: every ending is a
 * `SendOutcome`. Neither tries again by itself. Both end within the time limit they were made with.
 */
export interface TelephonyProvider {
  /** Hands over one text. */
  sendText(text: OutgoingText): Promise<SendOutcome>;
  /** Has one call placed in which the message is spoken. */
  placeCall(call: OutgoingCall): Promise<SendOutcome>;
}

/**
 * How far a text or call has come by a report of the provider.
 *
 * `sent`: on its way (submitted; call started, ringing or answered). `delivered`: arrived (text on the phone; call answered and
 * spoken to its end). `failed`: will not arrive.
 */
export type ReportedStatus = "sent" | "delivered" | "failed";

/** A verified report of the provider on one text or call. */
export type DeliveryReport = {
  /** The id under which the provider accepted it. */
  providerRef: string;
  /** Our own id of the delivery, where the provider returns it. */
  deliveryId?: string;
  channel: "sms" | "voice";
  status: ReportedStatus;
  /** The provider's own word for the status, such as `ringing`. */
  providerStatus: string;
  /** Only if `status` is `failed`. */
  failure?: DeliveryFailure;
  /** When it happened by the provider's clock. */
  providerAt: Date;
  /** Unique per report: each is taken once. */
  webhookId: string;
};
