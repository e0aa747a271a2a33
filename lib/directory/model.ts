/** What keeps people up to date. */
export type Source = "csv" | "demo" | "scim" | "ldap";

/** A way to reach a user with an OTP. */
export type PhoneChannel = "sms" | "voice";

/** What somebody is called of whom nobody says it: their names, else their login. */
export const defaultDisplayName = (login: string, firstName = "", lastName = "") =>
  `${firstName} ${lastName}`.trim() || login;

/** A phone as access is decided by it. */
export interface PhoneForAccess {
  channel: PhoneChannel;
  e164: string;
  /** No OTP goes to it before; null: at once. */
  heldUntil: Date | null;
  changedAt: Date;
}

/** What decides about a user's emergency access needs to know. */
export interface UserForAccess {
  id: string;
  login: string;
  email: string | null;
  displayName: string;
  /** The id in the directory that the person came from; staff are matched to users by it. */
  directoryId: string;
  /** Set while the user may not sign in at all. */
  disabledAt: Date | null;
  /** BCP 47, null where the directory knows none. */
  language: string | null;
  /** IANA name, null where the directory knows none. */
  timeZone: string | null;
  /** Names of the groups, in alphabetical order. */
  groups: string[];
  phones: PhoneForAccess[];
}
