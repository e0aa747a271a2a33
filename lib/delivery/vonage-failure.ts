import type { DeliveryFailure, SendOutcome } from "./provider";

/** Vonage's numbers of errors of the Messages interface (developer.vonage.com/api-errors/messages), by what they mean to us. */
const byCode: Record<string, DeliveryFailure> = {
  1000: "throttled",
  1010: "request_invalid",
  1020: "request_invalid",
  1030: "provider_down",
  1040: "number_invalid",
  1050: "blocked",
  1060: "blocked",
  1070: "out_of_credit",
  1080: "blocked",
  1090: "request_invalid",
  1100: "undeliverable",
  1120: "request_invalid",
  1130: "request_invalid",
  1140: "blocked",
  1150: "request_invalid",
  1160: "blocked",
  1170: "number_invalid",
  1180: "undeliverable",
  1190: "undeliverable",
  1200: "undeliverable",
  1210: "blocked",
  1220: "undeliverable",
  1230: "undeliverable",
  1240: "opted_out",
  1241: "throttled",
  1250: "undeliverable",
  1260: "undeliverable",
  1270: "blocked",
  1280: "blocked",
  1290: "undeliverable",
  1300: "undeliverable",
  1310: "undeliverable",
  1360: "expired",
  1420: "request_invalid",
  1430: "number_invalid",
};

/** What Vonage says is wrong, in RFC 7807's form; the number stands behind the `#` of `type` or is the title. */
export type VonageError = {
  type?: unknown;
  title?: unknown;
  invalid_parameters?: unknown;
};

/** Reads the number of an error and answers what it means; undefined for one without a known number. */
export function toFailure(error: VonageError | undefined): DeliveryFailure | undefined {
  const anchor = typeof error?.type === "string" ? error.type.split("#")[1] : undefined;
  const named = byCode[String(error?.title)] ?? byCode[anchor ?? ""];
  return named === "request_invalid" && blamesRecipient(error) ? "number_invalid" : named;
}

function blamesRecipient(error: VonageError | undefined): boolean {
  const invalid = error?.invalid_parameters;
  return (
    Array.isArray(invalid) &&
    invalid.length > 0 &&
    invalid.every((parameter: { name?: unknown }) => /^to(\.|$)/.test(String(parameter?.name)))
  );
}

/**
 * Judges an answer that isn't a success.
 *
 * A 4xx says that nothing was taken: refused. Anything else, a 5xx, a redirect, a request timeout, says nothing about
 * that: unknown.
 *
 * @param retryAfter the answer's header of this name: seconds, or a date
 */
export function decideOutcome(
  status: number,
  error: VonageError | undefined,
  retryAfter: string | null,
  now: Date,
): Exclude<SendOutcome, { state: "accepted" }> {
  if (status >= 500) return { state: "unknown", failure: "provider_down" };
  if (status === 408) return { state: "unknown", failure: "timeout" };
  if (status < 400) return { state: "unknown", failure: "unreadable" };
  if (status === 429) return refuse("throttled", toSeconds(retryAfter, now));
  if (status === 401 || status === 403) return refuse("credentials");
  if (status === 402) return refuse("out_of_credit");
  const isBlamed = blamesRecipient(error);
  return refuse(toFailure(error) ?? (isBlamed ? "number_invalid" : "request_invalid"));
}

function refuse(failure: DeliveryFailure, retryAfterSeconds?: number) {
  const retryable = failure === "throttled";
  return {
    state: "refused" as const,
    failure,
    retryable,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  };
}

const retryAfterSecondsMax = 3600;

function toSeconds(retryAfter: string | null, now: Date): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = /^\d+$/.test(retryAfter)
    ? Number(retryAfter)
    : Math.ceil((Date.parse(retryAfter) - now.getTime()) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 0), retryAfterSecondsMax);
}
