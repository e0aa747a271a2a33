import type { Issued } from "@/lib/grants/issue";
import { toRsaDate } from "./admin-user";

/** The units in which a caller may say how long a code lives (rest, 1 "issue, v2"). */
export const unitSeconds = { minutes: 60, hours: 3600, days: 86_400 } as const;

/** One of `unitSeconds`. */
export type ExpiryUnit = keyof typeof unitSeconds;

/** How long a v2 caller wants a code to live; undefined: as the policy says; null: what was said makes no sense. */
export function readExpiry(body: {
  expiryUnit?: ExpiryUnit | undefined;
  expiryValue?: number | undefined;
}): { unit: ExpiryUnit; value: number } | undefined | null {
  const { expiryUnit: unit, expiryValue: value } = body;
  if (unit === undefined && value === undefined) return undefined;
  if (unit === undefined || value === undefined) return null;
  const seconds = value * unitSeconds[unit];
  return seconds >= unitSeconds.minutes && seconds <= 7 * unitSeconds.days ? { unit, value } : null;
}

/** Says a time in the largest unit that fits it whole. */
function toExpiry(seconds: number): { unit: ExpiryUnit; value: number } {
  for (const unit of ["days", "hours"] as const)
    if (seconds % unitSeconds[unit] === 0) return { unit, value: seconds / unitSeconds[unit] };
  return { unit: "minutes", value: Math.ceil(seconds / 60) };
}

/** What both versions answer of a code that was just issued: the one time that it can be read. */
export function toIssued({ grant, code }: Issued) {
  return {
    emergencyTokencodeId: grant.id,
    emergencyTokencode: code?.shown === "decimal" ? (code.decimal ?? code.text) : code?.text,
    expirationDate: toRsaDate(grant.expiresAt),
    offlineExpirationDate: toRsaDate(code?.offlineExpiresAt),
  };
}

/** What v2 answers besides: what was used in the end, whoever asked for what. */
export function toConfigurations({ terms }: Issued, asked: { unit: ExpiryUnit; value: number } | undefined) {
  const { unit, value } = asked && !terms.locked.window ? asked : toExpiry(terms.windowSeconds);
  const oneTimeUse = terms.uses === "once";
  return {
    oneTimeUse,
    configurationsLocked: terms.locked.window || terms.locked.uses,
    configurationsUsed: { expiryValue: value, expiryUnit: unit, oneTimeUse },
  };
}
