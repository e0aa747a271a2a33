import type { FailureKind } from "./model";

/**
 * What staff should do next. Each is a key of the console's catalogue.
 *
 * - `other_channel`: try the other channel, or an access code.
 * - `check_number`: have the user's number corrected in the directory; until then another method.
 * - `opt_in`: the user texts START to our number, or takes another method.
 * - `call_again`: have the user pick up, and send the call again.
 * - `send_again`: send a new one.
 * - `wait_then_ask`: it may yet arrive; wait a minute, ask the user, then send a new one.
 * - `wait_then_send`: wait a minute, then send a new one.
 * - `access_code`: texts and calls don't work at the moment; issue an access code.
 * - `tell_owner`: the account at the provider needs the owner; meanwhile issue an access code.
 * - `nothing`: a newer code is on its way, or the access has ended.
 */
export type NextStep =
  | "other_channel"
  | "check_number"
  | "opt_in"
  | "call_again"
  | "send_again"
  | "wait_then_ask"
  | "wait_then_send"
  | "access_code"
  | "tell_owner"
  | "nothing";

const nextSteps: Record<FailureKind, NextStep> = {
  opted_out: "opt_in",
  number_invalid: "check_number",
  undeliverable: "other_channel",
  busy: "call_again",
  no_answer: "call_again",
  declined: "call_again",
  voicemail: "call_again",
  blocked: "other_channel",
  expired: "send_again",
  throttled: "wait_then_send",
  out_of_credit: "tell_owner",
  credentials: "tell_owner",
  request_invalid: "tell_owner",
  provider_down: "access_code",
  not_sent: "access_code",
  timeout: "wait_then_ask",
  connection_lost: "wait_then_ask",
  unreadable: "wait_then_ask",
  other: "other_channel",
  overtaken: "nothing",
  too_late: "send_again",
  grant_ended: "nothing",
  number_changed: "other_channel",
  method_off: "other_channel",
  country_off: "access_code",
  interrupted: "wait_then_ask",
};

/** What staff should do next about a delivery that ended with `failure`. A kind that isn't known: try another way. */
export function toNextStep(failure: string): NextStep {
  return Object.hasOwn(nextSteps, failure) ? nextSteps[failure as FailureKind] : "other_channel";
}
