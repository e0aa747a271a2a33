import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyReply, type FastifyRequest } from "fastify";
import { parsePhoneNumberFromString } from "libphonenumber-js/max";
import { z } from "zod";
import { type Account, refuseStranger } from "./authentication";
import { Clock } from "./clock";
import { type Entry, Inbox } from "./inbox";
import { Network, sentinelOf, type WebhookUrls } from "./network";
import * as problems from "./problems";
import { parseCall, parseMessage } from "./requests";
import { WebhookSender, webhookModes } from "./webhooks";

/** How to start the stand-in. */
export type StandinOptions = {
  account: Account;
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 3001; 0 takes a free one. */
  port?: number;
  /** Where webhooks go whose request named no address of its own. */
  webhooks?: WebhookUrls;
  /** Factor on the played world's delays (not on `PUT /latency`): default 1; tests take 0.01. */
  pace?: number;
  /** How many texts and calls are kept, default 10,000; the oldest go first. */
  entriesMax?: number;
};

/** A running stand-in. */
export type Standin = {
  /** Its origin, such as `http://127.0.0.1:3001`. */
  url: string;
  /** Ends it and all that is under way in it. */
  close: () => Promise<void>;
};

const slowAnswerMilliseconds = 30_000;

/**
 * Starts a provider of telephony that carries texts and calls no farther than to a page with phones on it.
 *
 * It answers `POST /v1/messages` (channel sms) and `POST /v1/calls` (NCCO of talk actions) as Vonage documents them,
 * refuses what Vonage refuses, and reports by signed webhooks. It claims no conformance to Vonage's own descriptions.
 *
 * For people: `GET /`, the phones, live. For programs:
 *
 * - `GET /inbox?to=<E.164>` → `[{ id, channel, to, text, at, status }]`, newest first; without `to` of all phones.
 * - `DELETE /inbox` forgets all.
 * - `PUT /outage {"on": true}` makes every request to the provider's interfaces fail with 503 until switched off.
 * - `PUT /latency {"ms": 500}` has every answer of theirs wait so long.
 * - `PUT /webhooks {"mode": "normal" | "twice" | "reversed" | "dropped"}` has webhooks misbehave.
 * - `GET /healthz` → 200.
 *
 * Numbers that behave in a way of their own stand in `network.ts`.
 */
export async function startStandin(options: StandinOptions): Promise<Standin> {
  const clock = new Clock(options.pace ?? 1);
  const inbox = new Inbox(options.entriesMax ?? 10_000);
  const webhooks = new WebhookSender(options.account, clock);
  const network = new Network(inbox, webhooks, options.webhooks ?? {}, clock);
  const throttledCounts = new Map<string, number>();
  let isOut = false;
  let latencyMilliseconds = 0;

  const app = Fastify({ bodyLimit: 64 * 1024, forceCloseConnections: true });
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const byStatus = { 413: problems.tooLarge, 415: problems.notJson } as Record<
      number,
      () => problems.Problem
    >;
    const isFault = (error.statusCode ?? 500) >= 500;
    if (isFault) process.stderr.write(`stand-in: ${String((error as Error).stack ?? error)}\n`);
    const make = isFault ? problems.internalError : (byStatus[error.statusCode ?? 0] ?? problems.unreadable);
    return refuse(reply, make());
  });
  app.setNotFoundHandler((_request, reply) => refuse(reply, problems.notFound()));

  /** The conduct that both interfaces share; undefined if the request may go on. */
  async function meet(request: FastifyRequest, accepts: { basic: boolean }) {
    if (latencyMilliseconds > 0) await clock.waitReal(latencyMilliseconds);
    if (isOut) return problems.unavailable();
    return await refuseStranger(request.headers.authorization, options.account, accepts);
  }

  /** What a sentinel number does to the request for it; undefined if it may go on. */
  function misbehave(to: string) {
    switch (sentinelOf(to)) {
      case "throttled twice": {
        const count = throttledCounts.get(to) ?? 0;
        throttledCounts.set(to, (count + 1) % 3);
        return count < 2 ? problems.throttled() : undefined;
      }
      case "server error":
        return problems.internalError();
      default:
        return undefined;
    }
  }

  async function hold(to: string) {
    if (sentinelOf(to) === "slow answer") await clock.wait(slowAnswerMilliseconds);
  }

  app.post("/v1/messages", async (request, reply) => {
    const stranger = await meet(request, { basic: true });
    if (stranger) return refuse(reply, stranger);
    const parsed = parseMessage(request.body);
    if (!parsed.ok) return refuse(reply, parsed.problem);
    const to = `+${parsed.request.to}`;
    const trouble = misbehave(to);
    if (trouble) return refuse(reply, trouble);
    const message_uuid = network.takeMessage(parsed.request);
    await hold(to);
    return reply.code(202).send({ message_uuid });
  });

  app.post("/v1/calls", async (request, reply) => {
    const stranger = await meet(request, { basic: false });
    if (stranger) return refuse(reply, stranger);
    const parsed = parseCall(request.body);
    if (!parsed.ok) return refuse(reply, parsed.problem);
    const to = `+${parsed.request.to[0]?.number}`;
    const trouble = misbehave(to);
    if (trouble) return refuse(reply, trouble);
    const { uuid, conversation_uuid } = network.takeCall(parsed.request);
    await hold(to);
    return reply.code(201).send({ uuid, status: "started", direction: "outbound", conversation_uuid });
  });

  app.get("/inbox", async (request) => {
    const { to } = z.object({ to: z.string().optional() }).parse(request.query);
    return inbox.list(to === undefined ? undefined : `+${to.replace(/[^0-9]/g, "")}`);
  });
  app.delete("/inbox", async (_request, reply) => {
    inbox.clear();
    return reply.code(204).send();
  });

  const control = (path: string, apply: (body: unknown) => boolean) =>
    app.put(path, async (request, reply) => {
      if (!apply(request.body)) return refuse(reply, problems.unreadable());
      return reply.code(204).send();
    });
  control("/outage", (body) => {
    const { data } = z.object({ on: z.boolean() }).safeParse(body);
    if (data) {
      isOut = data.on;
      tellState();
    }
    return data !== undefined;
  });
  control("/latency", (body) => {
    const { data } = z.object({ ms: z.number().min(0).max(600_000) }).safeParse(body);
    if (data) latencyMilliseconds = data.ms;
    return data !== undefined;
  });
  control("/webhooks", (body) => {
    const { data } = z.object({ mode: z.enum(webhookModes) }).safeParse(body);
    if (data) webhooks.mode = data.mode;
    return data !== undefined;
  });

  app.get("/healthz", async () => ({ ok: true }));

  const pages = new Set<(event: string, data: unknown) => void>();
  const tellState = () => {
    for (const tell of pages) tell("state", { outage: isOut });
  };
  app.get("/live", (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const tell = (event: string, data: unknown) =>
      reply.raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    tell("state", { outage: isOut });
    tell("all", inbox.list().slice(0, 500).map(toShown));
    pages.add(tell);
    const unsubscribe = inbox.subscribe((event) =>
      event.kind === "put" ? tell("put", toShown(event.entry)) : tell("all", []),
    );
    request.raw.on("close", () => {
      pages.delete(tell);
      unsubscribe();
    });
  });

  app.get("/", (_request, reply) =>
    reply
      .header(
        "content-security-policy",
        "default-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
      )
      .type("text/html; charset=utf-8")
      .send(readFileSync(pageFile)),
  );

  for (const [name, file] of Object.entries(fonts))
    app.get(`/fonts/${name}.woff2`, (_request, reply) => reply.type("font/woff2").send(readFileSync(file)));

  await app.listen({ host: options.host ?? "127.0.0.1", port: options.port ?? 3001 });
  const { address, port, family } = app.server.address() as AddressInfo;
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${port}`,
    close: async () => {
      clock.stop();
      await app.close();
    },
  };
}

/** Beside this file, or from the folder that holds the bundle. */
const pageFile = ["./phone.html", "../tools/standin/phone.html"]
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url)) as URL;

const { resolve } = createRequire(import.meta.url);
const fonts = {
  inter: resolve("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"),
  mono: resolve("@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2"),
};

function refuse(reply: FastifyReply, problem: problems.Problem) {
  if (problem.retryAfterSeconds) reply.header("retry-after", problem.retryAfterSeconds);
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .send(Buffer.from(JSON.stringify(problem.body)));
}

/** An entry with what the page shows of its number. */
function toShown(entry: Entry) {
  const number = parsePhoneNumberFromString(entry.to);
  return {
    ...entry,
    shown: number?.formatInternational() ?? entry.to,
    country: number?.country ?? "",
    note: sentinelOf(entry.to) ?? "",
  };
}
