import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import type { z } from "zod";
import type { DescribedUser } from "@/lib/authn/describe-store";
import type { ToldUser } from "@/lib/authn/describe-user";
import type { AttemptMethod } from "@/lib/authn/model";
import type { userSchema } from "./reference/admin-user";

const methodNames: Readonly<Record<AttemptMethod, string>> = {
  access_code: "Emergency Tokencode",
  sms: "SMS Tokencode",
  voice: "Voice Tokencode",
};

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A date as RSA writes it, `yyyy-MM-ddTHH:mm:ss.SSSZ`. */
export function toRsaDate(date: Date): string;
export function toRsaDate(date: Date | null | undefined): string | null;
export function toRsaDate(date: Date | null | undefined): string | null {
  return date?.toISOString() ?? null;
}

/** A number in E.123, `+cc national`; one that is masked stays as it is. */
export function toE123(number: string | null | undefined): string | null {
  if (number == null) return null;
  return parsePhoneNumberFromString(number)?.formatInternational() ?? number;
}

function toLastSignIn({ lastSignIn, lastEmergencySignIn }: DescribedUser) {
  const emergency = lastEmergencySignIn && {
    at: lastEmergencySignIn.at,
    method: methodNames[lastEmergencySignIn.method],
  };
  if (emergency === null || lastSignIn === null) return emergency ?? lastSignIn;
  return emergency.at > lastSignIn.at ? emergency : lastSignIn;
}

function laterOf(a: Date | null, b: Date | null): Date | null {
  return a === null || (b !== null && b > a) ? b : a;
}

/** The user object of RSA's look-up and searches; what we don't know is null, and a code is never in it (rest, 1 "User object"). */
export function toUserObject(user: ToldUser): z.output<typeof userSchema> {
  const { code, locks } = user;
  const live = code?.isLive === true ? code : null;
  const offlineUntil = laterOf(live?.offlineExpiresAt ?? null, user.offlineHeldUntil);
  const last = toLastSignIn(user);
  return {
    id: user.id,
    emailAddress: user.email,
    firstName: user.firstName,
    lastName: user.lastName,
    creationDate: toRsaDate(user.createdAt),
    identitySource: user.source === "scim" ? "SCIM" : "Directory",
    userStatus: user.disabledAt === null ? "Enabled" : "Disabled",
    highRiskUser: false,
    markDeleted: user.deletedAt !== null,
    markDeletedAt: toRsaDate(user.deletedAt),
    markDeletedBy: user.deletedBy,
    smsNumber: toE123(user.phones.sms),
    voiceNumber: toE123(user.phones.voice),
    isTokenLocked: locks.access_code,
    isSmsLocked: locks.sms,
    isVoiceLocked: locks.voice,
    isFingerprintLocked: false,
    isApproveLocked: false,
    lastSyncTime: toRsaDate(user.updatedAt),
    emergencyAccessStatus: live === null ? "Disabled" : "Enabled",
    emergencyTokencodeId: live?.grantId ?? null,
    emergencyTokencodeExpiration: toRsaDate(live?.expiresAt),
    emergencyTokencodeLastUse: toRsaDate(code?.lastUsedAt),
    emergencyTokencodeOneTimeUse: live?.isOnce ?? null,
    offlineEmergencyAccessStatus: offlineUntil === null ? "Disabled" : "Enabled",
    offlineEmergencyTokencodeExpiration: toRsaDate(offlineUntil),
    monthLastAuthenticated:
      last === null ? null : `${months[last.at.getUTCMonth()]} ${last.at.getUTCFullYear()}`,
    lastSuccessfulAuthenticationMethod: last?.method ?? null,
    lastSuccessfulAuthenticationDate: toRsaDate(last?.at),
    principalUsername: user.login,
    alternateUsername: null,
    primaryUniqueIdentifier: user.directoryId,
    secondaryUniqueIdentifier: user.employeeNumber,
    identitySourceSpecificGroups: user.groups,
    globalGroups: [],
  };
}
