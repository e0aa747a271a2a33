import { z } from "zod";
import { sample } from "./sample";

/** `yyyy-MM-ddTHH:mm:ss.SSSZ` (rest, 1 "User object"). */
export const date = z.iso.datetime({ precision: 3 });
const perhaps = date.nullable();
const status = z.enum(["Enabled", "Disabled"]);
const some = z.string().nullable();

/** A user as the look-up and the searches tell of them (rest, 1 "User object"). */
export const userSchema = z
  .object({
    id: z.uuid(),
    emailAddress: some,
    firstName: z.string(),
    lastName: z.string(),
    creationDate: date,
    identitySource: z.string(),
    userStatus: status,
    highRiskUser: z.boolean(),
    markDeleted: z.boolean().describe("Whether the directory took the user away."),
    markDeletedAt: perhaps,
    markDeletedBy: some,
    smsNumber: some.describe("E.123; masked for who may not read it."),
    voiceNumber: some,
    isTokenLocked: z.boolean().describe("A name of the user has to wait somewhere after wrong codes."),
    isSmsLocked: z.boolean().describe("No more texts and calls for now; one limit for both."),
    isVoiceLocked: z.boolean(),
    isFingerprintLocked: z.boolean(),
    isApproveLocked: z.boolean(),
    lastSyncTime: perhaps,
    emergencyAccessStatus: status.describe("Whether an access code is live."),
    emergencyTokencodeId: z.uuid().nullable(),
    emergencyTokencodeExpiration: perhaps,
    emergencyTokencodeLastUse: perhaps,
    emergencyTokencodeOneTimeUse: z.boolean().nullable(),
    offlineEmergencyAccessStatus: status.describe(
      "While a standard code is live, and after its end for as long as any machine may still open by it.",
    ),
    offlineEmergencyTokencodeExpiration: perhaps.describe("That time."),
    monthLastAuthenticated: some.describe("As “Jun 2025”."),
    lastSuccessfulAuthenticationMethod: some,
    lastSuccessfulAuthenticationDate: perhaps,
    principalUsername: z.string(),
    alternateUsername: some,
    primaryUniqueIdentifier: z.string(),
    secondaryUniqueIdentifier: some,
    identitySourceSpecificGroups: z.array(z.string()),
    globalGroups: z.array(z.string()),
  })
  .meta({ id: "User", description: "A user. What isn’t known is null; a code is never in it." });

/** Ada Lovelace of the demo. */
export const adaAnswer = {
  id: sample.userId,
  emailAddress: "ada.lovelace@example.com",
  firstName: "Ada",
  lastName: "Lovelace",
  creationDate: "2026-11-28T09:12:44.120Z",
  identitySource: "Directory",
  userStatus: "Enabled",
  highRiskUser: false,
  markDeleted: false,
  markDeletedAt: null,
  markDeletedBy: null,
  smsNumber: "+1 202 555 0101",
  voiceNumber: "+1 202 555 0102",
  isTokenLocked: false,
  isSmsLocked: false,
  isVoiceLocked: false,
  isFingerprintLocked: false,
  isApproveLocked: false,
  lastSyncTime: "2026-11-28T09:12:44.120Z",
  emergencyAccessStatus: "Disabled",
  emergencyTokencodeId: null,
  emergencyTokencodeExpiration: null,
  emergencyTokencodeLastUse: null,
  emergencyTokencodeOneTimeUse: null,
  offlineEmergencyAccessStatus: "Disabled",
  offlineEmergencyTokencodeExpiration: null,
  monthLastAuthenticated: "Nov 2026",
  lastSuccessfulAuthenticationMethod: "push_app",
  lastSuccessfulAuthenticationDate: "2026-11-25T16:31:08.000Z",
  principalUsername: "ada.lovelace",
  alternateUsername: null,
  primaryUniqueIdentifier: "demo-0001",
  secondaryUniqueIdentifier: "E10001",
  identitySourceSpecificGroups: ["all-staff", "dept-research", "remote-access"],
  globalGroups: [],
};
