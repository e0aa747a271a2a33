import "server-only";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { getConfig, isDemo } from "@/lib/platform/config";
import { defaultPolicy, type Policy } from "./model";

/**
 * The policy of an installation that never changed it: the defaults, with texts and calls to the one country that they come from,
 * by the number that sends them. The demo and development reach the countries of the demo's people.
 * @see limits, "money": the tenant's own list
 */
export function getFirstPolicy(): Policy {
  const { NODE_ENV, VONAGE_FROM } = getConfig();
  if (NODE_ENV !== "production" || isDemo()) return defaultPolicy;
  const country = parsePhoneNumberFromString(`+${VONAGE_FROM.replace("+", "")}`)?.country;
  return { ...defaultPolicy, countries: country === undefined ? [] : [country] };
}
