import "server-only";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";

/**
 * Lets each client of `app` call so often a second as its row says, in this process, judged before a byte of the body is read. What
 * is beyond is an error with `statusCode` 429, and `Retry-After` on the answer.
 */
export async function limitCalls(app: FastifyInstance): Promise<void> {
  const quiet = { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false };
  await app.register(rateLimit, {
    hook: "preParsing",
    timeWindow: 1000,
    max: (request) => request.client?.callsPerSecond ?? 1,
    keyGenerator: (request) => request.client?.id ?? "nobody",
    addHeaders: { ...quiet, "retry-after": true },
    addHeadersOnExceeding: quiet,
    errorResponseBuilder: () => Object.assign(new Error("too many calls"), { statusCode: 429 }),
  });
}
