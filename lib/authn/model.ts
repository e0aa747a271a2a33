import type { Method } from "@/lib/policy/model";

/** Where somebody signs in: at the user's page, or through a relying system. */
export type AttemptDoor = "otp_page" | "authn_api";

/** What an attempt is: open while its time lasts, or ended in one of three ways. */
export type AttemptState = "open" | "succeeded" | "failed" | "cancelled";

/** How an attempt may be proved; all enabled ways are offered to everyone (limits, last section). */
export type AttemptMethod = Method;

/** A way that needs something to be sent first. */
export type AttemptChannel = Exclude<Method, "access_code">;

/** How long an attempt is open where the caller doesn't say, and the least and the most it may say. */
export const attemptSeconds = { default: 600, min: 30, max: 900 } as const;

/** Brings a wished time within the bounds. */
export function clampAttemptSeconds(seconds: number): number {
  return Math.min(Math.max(Math.trunc(seconds), attemptSeconds.min), attemptSeconds.max);
}

/** Wrong access codes in one attempt, then it has failed. Who may go on is judged apart, by name and source. */
export const codeTriesMax = 5;

/** The longest name that is taken: an e-mail address has 320 at most. */
export const subjectNameLengthMax = 320;

/** How long after its success an attempt may be taken up by the application that it was for. */
export const consumeSecondsMax = 120;

/** How long an ended attempt is kept, for who looks into what happened; the audit log keeps what matters for good. */
export const attemptKeptSeconds = 24 * 3600;

/**
 * How the caller shows that the attempt is its own: the browser by the secret in its cookie; a relying system by who it is
 * and by answering our last message, to which it is told the next one's id. `owner`: a relying system that only calls
 * the attempt off, out of turn.
 */
export type AttemptHolder =
  | { kind: "browser"; secret: string }
  | { kind: "client"; inResponseTo: string; nextMessageId: string }
  | { kind: "owner" };

/**
 * Why an attempt is not taken up, for the log alone: there is none of that id, it is somebody else's, its time is over, it has
 * ended, or the message was answered before or isn't our last one.
 */
export type GoneReason = "unknown" | "not_yours" | "expired" | "over" | "out_of_turn";

/** An attempt that its holder has taken up to do something with it. */
export interface TakenAttempt {
  id: string;
  /** null: nobody of that name, or not eligible: the attempt runs its course and fails. */
  userId: string | null;
  subjectKey: string;
  userLabel: string | null;
}
