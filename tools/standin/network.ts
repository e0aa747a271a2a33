import { randomUUID } from "node:crypto";
import { countSegments } from "@/lib/delivery/segments";
import type { Clock } from "./clock";
import type { Inbox } from "./inbox";
import { type CallRequest, type MessageRequest, toPlainSpeech } from "./requests";
import type { WebhookSender } from "./webhooks";

/** Numbers that behave in a way of their own, E.164. */
const sentinels = {
  "+12025550110": "opted out",
  "+12025550111": "undeliverable",
  "+12025550112": "slow answer",
  "+12025550113": "late",
  "+12025550114": "throttled twice",
  "+12025550115": "busy, then answers",
  "+12025550116": "server error",
  "+12025550117": "voice mailbox",
} as const satisfies Record<string, string>;

/** What is special about a number, if anything. */
export const sentinelOf = (e164: string): string | undefined => (sentinels as Record<string, string>)[e164];

/** One thing that happens to a text or call, some time after the one before. */
type Stop = { afterMilliseconds: number; status: string; extra?: object };

/** Where webhooks go that don't name an address of their own. */
export type WebhookUrls = { messageStatusUrl?: string | undefined; voiceEventUrl?: string | undefined };

const messagesError = (code: number, detail: string) => ({
  error: {
    type: `https://developer.vonage.com/api-errors/messages#${code}`,
    title: code,
    detail,
    instance: randomUUID(),
  },
});

/** Carries texts and calls to the phones, and reports on the way. */
export class Network {
  readonly #inbox: Inbox;
  readonly #webhooks: WebhookSender;
  readonly #urls: WebhookUrls;
  readonly #clock: Clock;
  readonly #busyOnce = new Set<string>();

  constructor(inbox: Inbox, webhooks: WebhookSender, urls: WebhookUrls, clock: Clock) {
    this.#inbox = inbox;
    this.#webhooks = webhooks;
    this.#urls = urls;
    this.#clock = clock;
  }

  /** Takes a text on its way and answers its `message_uuid`. */
  takeMessage(request: MessageRequest): string {
    const id = randomUUID();
    const to = `+${request.to}`;
    this.#inbox.add({
      id,
      channel: "sms",
      to,
      text: request.text,
      at: new Date().toISOString(),
      status: "accepted",
      ...(request.client_ref === undefined ? {} : { ref: request.client_ref }),
    });
    const report = ({ status, extra }: Stop) => ({
      message_uuid: id,
      to: request.to,
      from: request.from,
      timestamp: new Date().toISOString(),
      status,
      channel: "sms",
      ...(request.client_ref === undefined ? {} : { client_ref: request.client_ref }),
      destination: { network_code: "31000" },
      sms: { count_total: String(countSegments(request.text).segments) },
      ...extra,
    });
    void this.#travel(id, courseOfMessage(to), request.webhook_url ?? this.#urls.messageStatusUrl, report);
    return id;
  }

  /** Has a call placed and answers its ids. */
  takeCall(request: CallRequest): { uuid: string; conversation_uuid: string } {
    const uuid = randomUUID();
    const conversation_uuid = `CON-${randomUUID()}`;
    const number = request.to[0]?.number ?? "";
    const to = `+${number}`;
    const spoken = request.ncco
      .flatMap((talk) => Array<string>(Math.min(talk.loop ?? 1, 5) || 5).fill(toPlainSpeech(talk.text)))
      .join("\n");
    const eventUrl = request.event_url?.[0];
    const ref = eventUrl === undefined ? null : new URL(eventUrl).searchParams.get("delivery");
    this.#inbox.add({
      id: uuid,
      channel: "voice",
      to,
      text: spoken,
      at: new Date().toISOString(),
      status: "started",
      ...(ref === null ? {} : { ref }),
    });
    const startedAt = new Date().toISOString();
    const report = ({ status, extra }: Stop) => ({
      headers: {},
      from: request.from?.number ?? "12015550123",
      to: number,
      uuid,
      conversation_uuid,
      status,
      direction: "outbound",
      timestamp: new Date().toISOString(),
      ...(status === "answered" ? { start_time: startedAt, rate: "0.01440000", network: "31000" } : {}),
      ...(status === "completed"
        ? {
            start_time: startedAt,
            end_time: new Date().toISOString(),
            rate: "0.01440000",
            price: "0.00720000",
            duration: "30",
            network: "31000",
          }
        : {}),
      ...extra,
    });
    void this.#travel(uuid, this.#courseOfCall(to), eventUrl ?? this.#urls.voiceEventUrl, report);
    return { uuid, conversation_uuid };
  }

  #courseOfCall(to: string): Stop[] {
    const ringing = [
      { afterMilliseconds: 60, status: "started" },
      { afterMilliseconds: 400, status: "ringing" },
    ];
    const sentinel = sentinelOf(to);
    if (sentinel === "opted out")
      return [...ringing, { afterMilliseconds: 600, status: "rejected", extra: { detail: "declined" } }];
    if (sentinel === "undeliverable")
      return [...ringing, { afterMilliseconds: 600, status: "failed", extra: { detail: "cannot_route" } }];
    if (sentinel === "busy, then answers" && !this.#busyOnce.delete(to)) {
      this.#busyOnce.add(to);
      return [...ringing, { afterMilliseconds: 800, status: "busy", extra: { detail: "remote_busy" } }];
    }
    if (sentinel === "voice mailbox")
      return [
        ...ringing,
        { afterMilliseconds: 1_500, status: "answered" },
        { afterMilliseconds: 900, status: "machine" },
        { afterMilliseconds: 200, status: "completed", extra: { duration: "1" } },
      ];
    return [
      ...ringing,
      { afterMilliseconds: sentinel === "late" ? 8_000 : 1_500, status: "answered" },
      { afterMilliseconds: 4_000, status: "completed" },
    ];
  }

  async #travel(
    id: string,
    stops: Stop[],
    url: string | undefined,
    report: (stop: Stop) => object,
  ): Promise<void> {
    for (const [index, stop] of stops.entries()) {
      await this.#clock.wait(stop.afterMilliseconds);
      if (this.#clock.stopped.aborted) return;
      const isNeverHeard = ["busy", "failed", "rejected", "machine"].includes(stop.status);
      const isCall = "uuid" in report(stop);
      this.#inbox.update(id, {
        status: stop.status,
        ...(isCall && isNeverHeard ? { text: "" } : {}),
      });
      this.#webhooks.send(id, url, report(stop), index === stops.length - 1);
    }
  }
}

function courseOfMessage(to: string): Stop[] {
  const submitted = {
    afterMilliseconds: 120,
    status: "submitted",
    extra: { usage: { currency: "EUR", price: "0.0333" } },
  };
  switch (sentinelOf(to)) {
    case "opted out":
      return [
        {
          afterMilliseconds: 300,
          status: "rejected",
          extra: messagesError(1240, "Illegal Number - The user has opted out of messages from this sender."),
        },
      ];
    case "undeliverable":
      return [
        submitted,
        {
          afterMilliseconds: 900,
          status: "undeliverable",
          extra: messagesError(1260, "Destination unreachable - The message could not be delivered."),
        },
      ];
    case "late":
      return [submitted, { afterMilliseconds: 7_880, status: "delivered" }];
    default:
      return [submitted, { afterMilliseconds: 700, status: "delivered" }];
  }
}
