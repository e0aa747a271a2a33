import "server-only";
import { Vonage } from "@vonage/server-sdk";
import { Fault } from "@/lib/platform/outcome";
import type { OutgoingCall, OutgoingText, SendOutcome, TelephonyProvider } from "./provider";
import { decideOutcome, type VonageError } from "./vonage-failure";
import { toTalkAction } from "./vonage-ncco";

/** The account at Vonage, and how to reach it. */
export type VonageOptions = {
  applicationId: string;
  /** PEM; line ends may be written `\n`, as environments do. */
  privateKey: string;
  /** The number that texts and calls come from, E.164; calls allow nothing but a number. */
  from: string;
  /** Origin instead of Vonage's own host. */
  apiBase?: string | undefined;
  /** From the first packet to the last byte of the answer. */
  timeoutMilliseconds: number;
  /** Our own origin, at which reports are to arrive; without it those addresses hold that the application has at Vonage. */
  reportsBase?: string | undefined;
};

/** Where, on our own origin, Vonage's reports arrive. */
export const vonageReportPaths = {
  sms: "/webhooks/vonage/messages",
  voice: "/webhooks/vonage/voice",
} as const;

/** A phone that nobody takes is given up before most voice mailboxes would take it. */
const ringingSecondsMax = 40;
/** The longest message, said twice, ends well before; then the provider hangs up. */
const callSecondsMax = 180;

/**
 * Makes the provider that sends by Vonage: texts by Messages, calls by Voice, both with the application's JWT.
 *
 * Nothing in here logs, and no error of the SDK leaves it: those hold the credential and the text. Numbers go without
 * `+`, as Vonage wants them; our delivery id goes along and comes back in reports, so that even one whose answer was
 * lost is found again. A call that a voice mailbox takes is ended by the provider: a code is not left there.
 *
 * @throws an Error if `DEBUG` has the SDK print the private key
 */
export function createVonageProvider(options: VonageOptions): TelephonyProvider {
  if (/(^|[\s,])(\*|vonage)/.test(process.env.DEBUG ?? ""))
    throw new Fault("DEBUG has the telephony SDK print its private key: unset it");
  const sdk = new Vonage(
    { applicationId: options.applicationId, privateKey: options.privateKey.replaceAll("\\n", "\n") },
    { timeout: options.timeoutMilliseconds, ...(options.apiBase ? { apiHost: options.apiBase } : {}) },
  );
  carryBy(sdk.messages, options.timeoutMilliseconds);
  carryBy(sdk.voice, options.timeoutMilliseconds);
  const from = withoutPlus(options.from);

  return {
    async sendText({ deliveryId, toE164, text }: OutgoingText) {
      return await settle(async () => {
        const answer = await sdk.messages.send({
          channel: "sms",
          messageType: "text",
          to: withoutPlus(toE164),
          from,
          text,
          clientRef: deliveryId,
          ...(options.reportsBase
            ? { webhookUrl: new URL(vonageReportPaths.sms, options.reportsBase).href, webhookVersion: "v1" }
            : {}),
        });
        return answer.messageUUID;
      });
    },

    async placeCall({ deliveryId, toE164, message }: OutgoingCall) {
      return await settle(async () => {
        const call = {
          to: [{ type: "phone", number: withoutPlus(toE164) }],
          from: { type: "phone", number: from },
          ncco: [toTalkAction(message)],
          ringingTimer: ringingSecondsMax,
          lengthTimer: callSecondsMax,
          machineDetection: "hangup",
          ...(options.reportsBase
            ? { eventUrl: [toCallReportUrl(options.reportsBase, deliveryId)], eventMethod: "POST" }
            : {}),
        };
        const answer = await sdk.voice.createOutboundCall(call as PlainCall);
        return answer.uuid;
      });
    },
  };
}

/** The SDK wants its own enums where the interface takes words. */
type PlainCall = Parameters<Vonage["voice"]["createOutboundCall"]>[0];

function withoutPlus(e164: string): string {
  return e164.replace(/^\+/, "");
}

/** Calls carry no reference of ours: the address of their reports does. */
function toCallReportUrl(base: string, deliveryId: string): string {
  const url = new URL(vonageReportPaths.voice, base);
  url.searchParams.set("delivery", deliveryId);
  return url.href;
}

/** Ends a sending that the provider didn't accept. */
class NotAccepted extends Error {
  override readonly name = "NotAccepted";
  constructor(readonly outcome: Exclude<SendOutcome, { state: "accepted" }>) {
    super(outcome.failure);
  }
}

async function settle(send: () => Promise<unknown>): Promise<SendOutcome> {
  try {
    const ref = await send();
    return typeof ref === "string" && /^[0-9A-Za-z-]{8,64}$/.test(ref)
      ? { state: "accepted", providerRef: ref }
      : { state: "unknown", failure: "unreadable" };
  } catch (error) {
    if (error instanceof NotAccepted) return error.outcome;
    throw error;
  }
}

type SdkClient = Vonage["messages"] | Vonage["voice"];
type SdkRequest = Parameters<SdkClient["sendRequest"]>[0];

/**
 * Has a client of the SDK send by `fetch`: its own transport follows redirects and is brought down, with the whole
 * process, by a 307 (node-fetch 3.3.2), reads answers of any length, and keeps what is needed to tell apart how a
 * request failed. Each request has a connection of its own, so that none is lost on one that was just closed.
 */
function carryBy(client: SdkClient, timeoutMilliseconds: number): void {
  const send = async (request: SdkRequest) => {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const { headers } = await client.addAuthenticationToRequest(request).catch(() => {
      throw new NotAccepted({ state: "refused", failure: "credentials", retryable: false });
    });
    const answer = await fetch(request.url, {
      method: request.method as string,
      headers: {
        ...(headers as Record<string, string>),
        "content-type": "application/json",
        accept: "application/json",
        connection: "close",
      },
      body: JSON.stringify(request.data),
      redirect: "manual",
      signal,
    }).catch((error: unknown) => {
      throw new NotAccepted(decideBroken(error));
    });
    const body = await readJson(answer).catch((error: unknown) => {
      if (answer.ok) throw new NotAccepted(decideBroken(error, { isSent: true }));
      return undefined;
    });
    if (!answer.ok)
      throw new NotAccepted(
        decideOutcome(answer.status, body, answer.headers.get("retry-after"), new Date()),
      );
    if (body === undefined) throw new NotAccepted({ state: "unknown", failure: "unreadable" });
    return { data: body, status: answer.status, statusText: answer.statusText, headers: {}, config: request };
  };
  client.sendRequest = send as unknown as SdkClient["sendRequest"];
}

const answerBytesMax = 64 * 1024;

/** The object that the answer holds; undefined if it's too long, or anything else than an object in JSON. */
async function readJson(answer: Response): Promise<VonageError | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    if (length > answerBytesMax) return undefined;
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Ways in which a connection fails before a byte of the request has left. */
const neverSentCodes = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
]);

function decideBroken(error: unknown, { isSent = false } = {}) {
  const { name, cause } = error as { name?: string; cause?: { code?: string; errors?: { code?: string }[] } };
  const codes = [cause?.code, ...(cause?.errors ?? []).map((one) => one.code)].filter((code) => code);
  if (!isSent && codes.length > 0 && codes.every((code) => neverSentCodes.has(code as string)))
    return { state: "refused", failure: "not_sent", retryable: true } as const;
  const isLate = name === "TimeoutError" || name === "AbortError";
  return { state: "unknown", failure: isLate ? "timeout" : "connection_lost" } as const;
}
