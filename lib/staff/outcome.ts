import type { Refusal } from "@/lib/platform/outcome";

/**
 * What a door of the console answers before, or instead of, the verb behind it.
 * `signed_out`: no live session. `second_factor`: the session has shown no second factor yet. `denied`: no right to it.
 * `invalid`: the input is not of the form asked for, `fields` says where. `unavailable`: the database is away, try again.
 * `fault`: something is broken; the request id finds it in the log.
 */
export type DoorReason = "signed_out" | "second_factor" | "denied" | "invalid" | "unavailable" | "fault";

/** A door's own no, with the id under which the log has it. `fields`: messages by the name of the field. */
export type DoorRefusal = Refusal<DoorReason, { requestId: string; fields?: Record<string, string[]> }>;

/** The status code that a reason has over HTTP. */
export const statusOfDoorReason: Readonly<Record<DoorReason, number>> = {
  signed_out: 401,
  second_factor: 401,
  denied: 403,
  invalid: 400,
  unavailable: 503,
  fault: 500,
};

/** Whether a no is a door's own, not one of the verb behind it. */
export function isDoorRefusal(refusal: Refusal<string>): refusal is DoorRefusal {
  return refusal.reason in statusOfDoorReason;
}
