import "server-only";
import { createHash } from "node:crypto";
import { type JWTPayload, errors as joseErrors, jwtVerify } from "jose";
import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import type { DeliveryFailure, DeliveryReport, ReportedStatus } from "./provider";
import { toFailure, type VonageError } from "./vonage-failure";

/** What arrived at one of the addresses for reports. */
export type VonageWebhook = {
  /** The header of this name. */
  authorization: string | undefined;
  /** The body as it came, byte for byte. */
  rawBody: Uint8Array;
  /** Of a call: the delivery that the address named. */
  deliveryId?: string | undefined;
};

/** Whose reports are taken, and what they are signed with. */
export type VonageReporter = { apiKey: string; applicationId: string; signatureSecret: string };

/**
 * Why a webhook was not taken.
 *
 * - `unsigned`: no bearer token.
 * - `forged`: a token that our secret didn't sign by HS256, or that lacks a claim.
 * - `stale`: signed more than five minutes ago, or ahead.
 * - `foreign`: of another issuer, application or account.
 * - `altered`: the body isn't the one that was signed.
 * - `unreadable`: genuine, but not a report in a known form.
 * - `irrelevant`: genuine, and about something that no delivery waits for; to be answered as if it were taken.
 */
export type WebhookRefusal =
  | "unsigned"
  | "forged"
  | "stale"
  | "foreign"
  | "altered"
  | "unreadable"
  | "irrelevant";

const ageSecondsMax = 5 * 60;

const webhookId = z.string().min(1).max(200).refine(isStorable);

/**
 * Verifies a webhook of Vonage and reads the report in it (Vonage, "Decoding signed webhooks").
 *
 * A report that is answered came from the account, within the last five minutes, with this very body. The same one may
 * come again: the caller takes each `webhookId` once. Reports may come in any order.
 *
 * @param now judges the token's age
 * @returns the report, or the reason why there is none
 */
export async function readVonageWebhook(
  webhook: VonageWebhook,
  reporter: VonageReporter,
  now: Date,
): Promise<{ ok: true; report: DeliveryReport } | { ok: false; reason: WebhookRefusal }> {
  const verified = await verify(webhook, reporter, now);
  if (!verified.ok) return verified;
  const body = parseJson(webhook.rawBody);
  const message = messageStatus.safeParse(body);
  if (message.success) return fromMessage(message.data, verified.webhookId);
  const call = callEvent.safeParse(body);
  if (call.success) return fromCall(call.data, verified.webhookId, webhook.deliveryId);
  return { ok: false, reason: "unreadable" };
}

async function verify(
  { authorization, rawBody }: VonageWebhook,
  reporter: VonageReporter,
  now: Date,
): Promise<{ ok: true; webhookId: string } | { ok: false; reason: WebhookRefusal }> {
  const token = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (!token) return { ok: false, reason: "unsigned" };
  const secret = new TextEncoder().encode(reporter.signatureSecret);
  let claims: JWTPayload;
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: ["HS256"],
      requiredClaims: ["jti", "iat", "iss", "payload_hash"],
      maxTokenAge: 0,
      clockTolerance: ageSecondsMax,
      currentDate: now,
    });
    claims = payload;
  } catch (error) {
    const isStale =
      error instanceof joseErrors.JWTExpired ||
      (error instanceof joseErrors.JWTClaimValidationFailed && error.reason === "check_failed");
    return { ok: false, reason: isStale ? "stale" : "forged" };
  }
  const { jti, iss, payload_hash, application_id, api_key } = claims;
  if (!webhookId.safeParse(jti).success) return { ok: false, reason: "forged" };
  const isOurs =
    iss === "Vonage" &&
    (application_id !== undefined || api_key !== undefined) &&
    (application_id === undefined || application_id === reporter.applicationId) &&
    (api_key === undefined || api_key === reporter.apiKey);
  if (!isOurs) return { ok: false, reason: "foreign" };
  if (payload_hash !== createHash("sha256").update(rawBody).digest("hex"))
    return { ok: false, reason: "altered" };
  return { ok: true, webhookId: jti as string };
}

function parseJson(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(rawBody).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Vonage writes `error` flat in the reference and nested once more in some of its examples. */
const reportedError = z
  .looseObject({ error: z.looseObject({}).optional() })
  .transform((error): VonageError => error.error ?? error);

const providerRef = z.string().min(1).max(64).refine(isStorable);
const timestamp = z.coerce.date().min(new Date("2000-01-01")).max(new Date("3000-01-01"));

const messageStatus = z.looseObject({
  message_uuid: providerRef,
  channel: z.literal("sms"),
  status: z.string().max(40),
  timestamp,
  client_ref: z.string().optional().catch(undefined),
  error: reportedError.optional().catch(undefined),
});

const callEvent = z.looseObject({
  uuid: providerRef,
  conversation_uuid: z.string(),
  status: z.string().max(40),
  timestamp,
  duration: z.coerce.number().optional().catch(undefined),
  start_time: z.string().nullish().catch(undefined),
  detail: z.string().optional().catch(undefined),
});

type Meaning = { status: ReportedStatus; failure?: DeliveryFailure };

function fromMessage(event: z.infer<typeof messageStatus>, webhookId: string) {
  const meaning = toMessageMeaning(event.status, event.error);
  if (!meaning) return { ok: false as const, reason: "irrelevant" as const };
  return {
    ok: true as const,
    report: {
      providerRef: event.message_uuid,
      ...withDelivery(event.client_ref),
      channel: "sms" as const,
      ...meaning,
      providerStatus: event.status,
      providerAt: event.timestamp,
      webhookId,
    },
  };
}

function toMessageMeaning(status: string, error: VonageError | undefined): Meaning | undefined {
  switch (status) {
    case "submitted":
      return { status: "sent" };
    case "delivered":
    case "read":
      return { status: "delivered" };
    case "rejected":
      return { status: "failed", failure: toFailure(error) ?? "other" };
    case "undeliverable":
      return { status: "failed", failure: toFailure(error) ?? "undeliverable" };
    default:
      return undefined;
  }
}

function fromCall(event: z.infer<typeof callEvent>, webhookId: string, deliveryId: string | undefined) {
  const meaning = toCallMeaning(event);
  if (!meaning) return { ok: false as const, reason: "irrelevant" as const };
  return {
    ok: true as const,
    report: {
      providerRef: event.uuid,
      ...withDelivery(deliveryId),
      channel: "voice" as const,
      ...meaning,
      providerStatus: event.status,
      providerAt: event.timestamp,
      webhookId,
    },
  };
}

function toCallMeaning(event: z.infer<typeof callEvent>): Meaning | undefined {
  switch (event.status) {
    case "started":
    case "ringing":
    case "answered":
    case "human":
      return { status: "sent" };
    case "completed":
      return event.duration === 0 && !event.start_time
        ? { status: "failed", failure: "no_answer" }
        : { status: "delivered" };
    case "machine":
      return { status: "failed", failure: "voicemail" };
    case "busy":
      return { status: "failed", failure: "busy" };
    case "unanswered":
    case "timeout":
    case "cancelled":
      return { status: "failed", failure: "no_answer" };
    case "rejected":
      return { status: "failed", failure: "declined" };
    case "failed":
      return { status: "failed", failure: "undeliverable" };
    default:
      return undefined;
  }
}

function withDelivery(id: string | undefined) {
  const parsed = z.uuid().safeParse(id);
  return parsed.success ? { deliveryId: parsed.data } : {};
}
