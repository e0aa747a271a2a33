import { parsePhone } from "@/lib/directory/phone";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";

/**
 * Kinds of numbers that cost the caller more, or that anyone can rent by the thousand: where toll fraud is.
 * Only what the numbering plan tells is known: a ported VoIP number looks like a mobile one.
 */
const barredTypes: ReadonlySet<string> = new Set([
  "PREMIUM_RATE",
  "SHARED_COST",
  "VOIP",
  "PERSONAL_NUMBER",
  "PAGER",
  "UAN",
  "VOICEMAIL",
]);

/**
 * Decides whether a text or call may go to `e164`: a valid number, of an allowed country, of no barred kind
 * (limits, "money").
 * @param countries ISO 3166 alpha-2, the policy's allow-list.
 */
export function decideDestination(
  e164: string,
  countries: readonly string[],
): Success<{ country: string }> | Refusal<"no_number" | "country" | "number_barred"> {
  const phone = parsePhone(e164);
  if (phone?.e164 !== e164) return refuse("no_number");
  if (phone.country === undefined || !countries.includes(phone.country)) return refuse("country");
  if (barredTypes.has(phone.type ?? "")) return refuse("number_barred");
  return { ok: true, country: phone.country };
}
