import type { z } from "zod";
import type { CodeRule, ExportedEvent } from "@/lib/audit/model";
import { getConfig } from "@/lib/platform/config";
import type { adminLogEntrySchema, userLogEntrySchema } from "./reference/admin-logs";

/** RSA's numbers of what happens to a text or call, by the first of each (rest, 1 "Known event codes"). */
function ofChannel(method: "sms" | "voice", send: number, judged: number): CodeRule[] {
  const otp = { method, purpose: "otp" };
  const asked = { kind: "delivery.asked", method, outcome: "refused" } as const;
  return [
    { code: send + 3, kind: "delivery.asked", outcome: "ok", ...otp, has: "again" },
    { code: send, kind: "delivery.asked", outcome: "ok", ...otp },
    { code: judged + 2, ...asked, reasons: ["send_limit", "too_soon", "budget"] },
    { code: send + 1, ...asked, reasons: ["no_number", "number_held", "number_barred", "country"] },
    { code: send + 4, kind: "delivery.failed", ...otp, has: "providerStatus" },
    { code: send + 2, kind: "delivery.failed", ...otp },
    { code: judged, kind: "grant.redeemed", method },
    { code: judged + 1, kind: "otp.judged", outcome: "refused", method },
  ];
}

/** What numbers user events have; below 30000 RSA's, above ours. The first that fits. */
export const userEventCodes: readonly CodeRule[] = [
  ...ofChannel("sms", 20801, 21901),
  ...ofChannel("voice", 20851, 21951),
  { code: 2, kind: "code.throttled" },
  { code: 3, kind: "user.unlocked", outcome: "ok" },
  { code: 30001, kind: "grant.redeemed" },
  { code: 30002, kind: "code.judged" },
  { code: 30003, kind: "grant.used-late" },
  { code: 30011, kind: "delivery.asked" },
  { code: 30012, kind: "delivery.sent" },
  { code: 30013, kind: "delivery.delivered" },
  { code: 30014, kind: "delivery.failed" },
  { code: 30015, kind: "delivery.unknown" },
  { code: 30021, kind: "attempt.begun" },
  { code: 30022, kind: "attempt.failed" },
  { code: 30023, kind: "attempt.cancelled" },
  { code: 30024, kind: "attempt.refused" },
  { code: 30025, kind: "attempt.consumed" },
  { code: 30031, kind: "otp.judged" },
  { code: 30032, kind: "user.unlocked" },
];

const toKey = (words: string) => words.replaceAll(/[^a-z]+/gi, "_").toUpperCase();
const say = ({ kind, outcome, reason }: ExportedEvent) =>
  `${kind.replaceAll(/[.-]/g, " ")}: ${outcome}${reason === null ? "" : ` (${reason.replaceAll("_", " ")})`}`;
const methodNames: Readonly<Record<string, string>> = {
  access_code: "Emergency Tokencode",
  sms: "SMS Tokencode",
  voice: "Voice Tokencode",
};

/** An entry of the user event log and of a user's own (rest, 1 "User log entry"). */
export function toUserLogEntry(event: ExportedEvent): z.output<typeof userLogEntrySchema> {
  return {
    eventId: String(event.id),
    eventLogDate: event.at,
    eventType: "user",
    eventLevel: event.outcome === "ok" ? "info" : event.outcome === "fault" ? "error" : "warning",
    eventCategory: "authentication",
    serverIPAddress: null,
    tenantId: null,
    customerName: getConfig().SPAREKEY_COMPANY,
    userId: event.userName,
    sourceIPAddress: event.sourceIp,
    eventCode: event.code === null ? null : String(event.code),
    eventDescription: say(event),
    application: event.actorKind === "client" ? event.actorName : null,
    method: event.method === null ? null : (methodNames[event.method] ?? event.method),
    deviceName: null,
    deviceId: null,
    policyId: null,
    policyName: null,
    authenticationDetails: event.reason,
    assuranceLevel: null,
    verboseFlag: false,
    userActivityId: event.requestId,
    transactionId: event.targetKind === "attempt" ? event.targetId : event.requestId,
  };
}

/** An entry of the admin event log (rest, 1 "Admin log entry"). */
export function toAdminLogEntry(event: ExportedEvent): z.output<typeof adminLogEntrySchema> {
  const { userId, userName, targetKind, targetId, grantId } = event;
  const objects = [
    userId === null ? null : { id: userId, name: userName, type: "USER" },
    targetId === null ? null : { id: targetId, name: null, type: toKey(targetKind ?? "") },
    grantId === null ? null : { id: grantId, name: null, type: "GRANT" },
  ].filter((object) => object !== null);
  const [first, second] = objects;
  return {
    eventId: String(event.id),
    eventLogDate: event.at,
    eventType: "admin",
    serverURL: getConfig().BASE_URL,
    serverIPAddress: null,
    application: "Sparekey",
    customerId: null,
    customerName: getConfig().SPAREKEY_COMPANY,
    sourceIPAddress: event.sourceIp,
    adminUserName: event.actorName,
    adminUserRole: event.actorRole ?? event.actorKind,
    activityKey: toKey(event.kind),
    activityCode: event.code,
    result: event.outcome === "ok" ? "SUCCESS" : "FAIL",
    reasonKey: event.reason === null ? null : toKey(event.reason),
    message: say(event),
    requiresPublish: false,
    targetObject1Id: first?.id ?? null,
    targetObject1Name: first?.name ?? null,
    targetObject1Type: first?.type ?? null,
    targetObject2Id: second?.id ?? null,
    targetObject2Name: second?.name ?? null,
    targetObject2Type: second?.type ?? null,
  };
}
