import "server-only";
import { type LookupAddress, lookup } from "node:dns";
import http from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Network } from "@/lib/platform/network";
import { isAddressAllowed } from "./address";
import {
  type Answer,
  type AttemptFailure,
  answerSecondsMax,
  excerptLengthMax,
  parseRetryAfter,
} from "./model";

/** How much of an answer is read, and for how long once its head is there; then the connection is closed. */
const bodyBytesMax = 4096;
const bodyMsMax = 1000;

/** Posts a message to a receiver, and says what came back. */
export type Post = (url: URL, body: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;

/** How receivers are reached. */
export interface PostOptions {
  /** Networks that messages may go to though they aren't the Internet's. */
  allowed: readonly Network[];
  /** How names are looked up: as the system does, where not given. */
  resolve?: typeof lookup;
  answerMsMax?: number;
}

class AddressRefused extends Error {}

/**
 * Makes what posts to receivers: https, a connection of its own for each message, no redirect followed, a time limit over all of it,
 * and a few KiB of the answer.
 *
 * Where it goes is judged when it connects: a name is looked up once, every address that it has must be allowed, and the
 * connection goes to one of these. So a name that says another thing to each who asks gains nothing.
 * @see Standard Webhooks, "Server side request forgery"
 */
export function createPoster({
  allowed,
  resolve = lookup,
  answerMsMax = answerSecondsMax * 1000,
}: PostOptions): Post {
  return async (url, body, headers) => {
    const protocol = url.protocol === "http:" ? "http:" : "https:";
    const isAllowed = (address: string) => isAddressAllowed(address, protocol, allowed);
    const host = url.hostname.replace(/^\[|\]$/g, "");
    if (/^[\d.]+$|:/.test(host) && !isAllowed(host)) return { failure: "address" };
    try {
      const response = await send(url, body, {
        method: "POST",
        agent: false,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
        lookup: lookUpAllowed(resolve, isAllowed),
        signal: AbortSignal.timeout(answerMsMax),
      });
      return {
        status: response.statusCode ?? 0,
        retryAfterSeconds: parseRetryAfter(response.headers["retry-after"], new Date()),
        excerpt: await readExcerpt(response),
      };
    } catch (error) {
      return { failure: toFailure(error) };
    }
  };
}

function send(url: URL, body: string, options: https.RequestOptions): Promise<http.IncomingMessage> {
  const { request } = url.protocol === "http:" ? http : https;
  return new Promise((answer, fail) => {
    // A receiver that wishes to speak another protocol (101) is hung up on, of which no error tells.
    request(url, options, answer)
      .on("error", fail)
      .on("close", () => fail(new Error("hung up without an answer")))
      .end(body);
  });
}

function lookUpAllowed(resolve: typeof lookup, isAllowed: (address: string) => boolean): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const addresses: LookupAddress[] = found;
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isAllowed(address)))
        return done(new AddressRefused(), []);
      if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

async function readExcerpt(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  const reading = (async () => {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= bodyBytesMax) return;
    }
  })();
  const waiting = new AbortController();
  await Promise.race([
    reading.catch(() => undefined),
    sleep(bodyMsMax, undefined, { signal: waiting.signal }).catch(() => undefined),
  ]);
  waiting.abort();
  response.destroy();
  const text = Buffer.concat(chunks).subarray(0, bodyBytesMax).toString("utf8");
  return text.replaceAll(/[^\P{Cc}\t\n]/gu, "").slice(0, excerptLengthMax);
}

function toFailure(error: unknown): AttemptFailure {
  if (error instanceof AddressRefused) return "address";
  const { name, code = "" } = error as { name?: string; code?: string };
  if (name === "TimeoutError" || name === "AbortError" || code === "ETIMEDOUT") return "timeout";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN" || code === "ENODATA") return "dns";
  return /CERT|SSL|TLS|EPROTO|UNABLE_TO_VERIFY/.test(code) ? "tls" : "connection";
}
