import { assertNever } from "@/lib/platform/outcome";
import type { MessageType } from "./model";

/** What is known of an event for those who are told of it. No code, no digits, no number of a phone, no name, no address. */
export interface EventFacts {
  eventId: number;
  /** ISO 8601, UTC. */
  at: string;
  reason: string | null;
  actorKind: string;
  actorId: string | null;
  targetId: string | null;
  details: Readonly<Record<string, string | number | boolean | null>>;
  user: { id: string; login: string } | null;
  grant: {
    id: string;
    method: string;
    reason: string;
    ticket: string | null;
    startsAt: string;
    expiresAt: string;
    usesMax: number | null;
  } | null;
  delivery: { id: string; channel: string; purpose: string } | null;
  machine: { id: string; name: string } | null;
}

/** The body of a message about an event, as it is signed (Standard Webhooks, "Payload structure"). */
export function toPayload(type: MessageType, facts: EventFacts): string {
  return JSON.stringify({ type, timestamp: facts.at, data: toData(type, facts) });
}

function toData(type: MessageType, facts: EventFacts): object {
  const { eventId, user, grant, reason, details } = facts;
  const by = { kind: facts.actorKind, id: facts.actorId };
  switch (type) {
    case "grant.issued":
      return { eventId, user, grant, by };
    case "grant.redeemed":
      return { eventId, user, grant, by, use: toUse(facts) };
    case "grant.revoked":
      return { eventId, user, grant, by, reason: reason ?? details.reason ?? null };
    case "delivery.failed":
      return { eventId, user, grant, delivery: facts.delivery, reason };
    case "code.throttled":
      return { eventId, user, grant, reason, retryAfterSeconds: details.retryAfterSeconds ?? null };
    case "machine.alarm":
      return {
        eventId,
        user,
        grant,
        machine: facts.machine,
        alarm: { id: details.alarm ?? null, kind: reason },
      };
    case "webhook.test":
      return { eventId, endpointId: facts.targetId, by };
    default:
      return assertNever(type);
  }
}

/** A use without a network was at another time than we heard of it. */
function toUse({ at, details, machine }: EventFacts): object {
  const number = details.usesCount ?? null;
  return details.offline === true
    ? { number, at: details.usedAt ?? null, offline: true, machine }
    : { number, at, offline: false, machine: null };
}
