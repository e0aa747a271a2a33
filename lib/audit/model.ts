/** Everything that the log can say, `<domain>.<what happened>`. */
export const eventKinds = [
  "access.denied",
  "attempt.begun",
  "attempt.failed",
  "attempt.cancelled",
  "attempt.consumed",
  "attempt.refused",
  "audit.read",
  "audit.exported",
  "client.created",
  "client.ended",
  "client.refused",
  "client.rotated",
  "client.token-issued",
  "code.judged",
  "code.throttled",
  "delivery.asked",
  "delivery.sent",
  "delivery.delivered",
  "delivery.failed",
  "delivery.unknown",
  "directory.handed-over",
  "directory.import-asked",
  "directory.import-begun",
  "directory.import-confirmed",
  "directory.import-discarded",
  "directory.import-resumed",
  "directory.import-stopped",
  "directory.imported",
  "directory.ldap-changed",
  "directory.ldap-forgotten",
  "directory.ldap-tested",
  "directory.refused-read",
  "group.added",
  "group.changed",
  "group.deleted",
  "group.member-added",
  "group.member-removed",
  "grant.issued",
  "grant.redeemed",
  "grant.revoked",
  "grant.replaced",
  "grant.expired",
  "grant.used-late",
  "grant.closed",
  "grant.theft-seen",
  "grant.exported",
  "machine.revoked",
  "machine.withdrawn",
  "machine.alarm-raised",
  "machine.alarm-seen",
  "machine.offered",
  "machine.enrolled",
  "machine.refused",
  "machine.assigned",
  "machine.unassigned",
  "machine.released",
  "openid.ended",
  "openid.key-ended",
  "openid.key-made",
  "openid.signed-in",
  "otp.judged",
  "phone.changed",
  "policy.changed",
  "receipt.taken",
  "request.refused",
  "server.backed-up",
  "server.restored",
  "server.key-rotated",
  "server.issuing-resumed",
  "server.issuing-stopped",
  "signing-key.made",
  "signing-key.announced",
  "signing-key.in-force",
  "signing-key.ended",
  "slot.made",
  "staff.created",
  "staff.changed",
  "staff.disabled",
  "staff.enabled",
  "staff.factor-added",
  "staff.factor-reset",
  "staff.password-changed",
  "staff.password-reset",
  "staff.session-ended",
  "staff.signed-in",
  "staff.sign-in-failed",
  "staff.signed-out",
  "staff.stepped-up",
  "staff.unlocked",
  "user.added",
  "user.changed",
  "user.deleted",
  "user.disabled",
  "user.enabled",
  "user.unlocked",
  "webhook.refused",
  "webhook-endpoint.created",
  "webhook-endpoint.changed",
  "webhook-endpoint.rotated",
  "webhook-endpoint.tested",
  "webhook-endpoint.disabled",
  "webhook-endpoint.enabled",
  "webhook-endpoint.ended",
  "webhook-message.replayed",
] as const;
export type EventKind = (typeof eventKinds)[number];

/** How it ended: done, refused (an expected no), denied (no right to), fault (broken). */
export const outcomes = ["ok", "refused", "denied", "fault"] as const;
export type Outcome = (typeof outcomes)[number];

/** The names under which an event tells more than its kind and its reason; each has its words in the catalogues. */
export const detailNames = [
  "absent",
  "act",
  "active",
  "added",
  "after",
  "again",
  "agentVersion",
  "alarm",
  "alarms",
  "application",
  "at",
  "back_off",
  "because",
  "before",
  "bound",
  "by",
  "challengeId",
  "changed",
  "channel",
  "clock_back",
  "codesRevoked",
  "correlationId",
  "count",
  "country",
  "disabled",
  "door",
  "eligible",
  "enabled",
  "enabledBefore",
  "ended",
  "endedAs",
  "events",
  "expired",
  "factor",
  "filters",
  "firstOn",
  "flavour",
  "form",
  "from",
  "generation",
  "grantId",
  "grantsEnded",
  "grantsRevoked",
  "group",
  "handOvers",
  "inARow",
  "isNew",
  "isNewPassword",
  "keyId",
  "kind",
  "language",
  "log",
  "machine",
  "machines",
  "made",
  "managersUnknown",
  "messageId",
  "method",
  "methods",
  "mistyped",
  "name",
  "nameless",
  "neverHeld",
  "no_such_user",
  "notice",
  "offline",
  "origin",
  "ourGeneration",
  "package_over",
  "page",
  "people",
  "phonesKept",
  "policyVersion",
  "providerStatus",
  "purpose",
  "reason",
  "receivedAt",
  "refused",
  "replaced",
  "replacedBy",
  "reports",
  "resealed",
  "retired",
  "retryAfterSeconds",
  "revoked",
  "role",
  "roleBefore",
  "rows",
  "scopes",
  "selfService",
  "sends",
  "sentNow",
  "seq",
  "serial",
  "sessions",
  "signingKey",
  "since",
  "slot",
  "slotIsKnown",
  "slots",
  "slotsRetired",
  "source",
  "spent",
  "stoppedAt",
  "subject",
  "ticket",
  "timeZone",
  "times",
  "to",
  "too_far",
  "unchanged",
  "unrecorded",
  "url",
  "usedAt",
  "userDirectoryId",
  "users",
  "uses",
  "usesCount",
  "version",
  "waits",
  "windowSeconds",
  "worksOffline",
  "wrong",
] as const;

export type DetailName = (typeof detailNames)[number];

/** More of what was done, by name. */
export type EventDetails = Partial<Record<DetailName, string | number | boolean | null>>;

/** What a verb says of what it did. `details` holds no secret, no name, no full phone number, no address. */
export interface EventInput {
  kind: EventKind;
  outcome: Outcome;
  /** Why, in a word of the verb's closed list; needed unless `ok`. */
  reason?: string;
  userId?: string | null;
  grantId?: string | null;
  target?: { kind: string; id: string };
  details?: EventDetails;
  /** The user's name as shown to staff, kept apart from the event. */
  userLabel?: string | null;
}

/** An event as it is read: what happened, and the personal side of it where that was not erased. */
export interface LoggedEvent {
  id: number;
  /** ISO 8601, UTC. */
  at: string;
  kind: EventKind;
  outcome: Outcome;
  reason: string | null;
  actorKind: "staff" | "client" | "machine" | "user" | "system" | "operator";
  actorId: string | null;
  actorLabel: string | null;
  userId: string | null;
  userLabel: string | null;
  grantId: string | null;
  targetKind: string | null;
  targetId: string | null;
  /** What the staff member, program or machine that it is about is called now. */
  targetLabel: string | null;
  requestId: string;
  details: Record<string, string | number | boolean | null>;
  sourceIp: string | null;
  userAgent: string | null;
}

/** What gives an event a number that other systems know it by: all that is said must fit. */
export interface CodeRule {
  code: number;
  kind: EventKind;
  outcome?: Outcome;
  reasons?: readonly string[];
  /** How somebody signs in: `access_code`, `sms`, `voice`. */
  method?: string;
  /** Of a text or call: `otp` or `notice`. */
  purpose?: string;
  /** A detail that stands in it: `providerStatus` where the provider reported it later, `again` where it takes the place of an earlier one. */
  has?: "providerStatus" | "again";
}

/** An event as it is exported. */
export interface ExportedEvent {
  id: number;
  /** ISO 8601, UTC, milliseconds. */
  at: string;
  kind: EventKind;
  outcome: Outcome;
  reason: string | null;
  code: number | null;
  method: string | null;
  actorKind: "staff" | "client" | "machine" | "user" | "system" | "operator";
  actorId: string | null;
  actorName: string | null;
  /** What staff and keys are now. */
  actorRole: string | null;
  userId: string | null;
  /** The user's address, or the login where there is none. */
  userName: string | null;
  grantId: string | null;
  targetKind: string | null;
  targetId: string | null;
  requestId: string;
  details: Record<string, string | number | boolean | null>;
  sourceIp: string | null;
}

/** What users did, and what was done because of it; all else is what staff, programs and the system did. */
export const userEventKinds = [
  "attempt.begun",
  "attempt.failed",
  "attempt.cancelled",
  "attempt.consumed",
  "attempt.refused",
  "code.judged",
  "code.throttled",
  "delivery.asked",
  "delivery.sent",
  "delivery.delivered",
  "delivery.failed",
  "delivery.unknown",
  "grant.redeemed",
  "grant.used-late",
  "openid.ended",
  "openid.signed-in",
  "otp.judged",
  "user.unlocked",
] as const satisfies readonly EventKind[];
