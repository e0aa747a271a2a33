import "server-only";
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Actor, Context } from "@/lib/platform/context";
import { toNetwork } from "@/lib/platform/network";

/** The context of a request of whom nothing is known, as a page's: the id and the address that the server gave it. */
export function toStrangerContext({ headers, socket }: IncomingMessage): Context {
  const source = headers["x-sparekey-source-ip"];
  return {
    actor: { kind: "user" },
    requestId: String(headers["x-request-id"]),
    sourceIp: typeof source === "string" ? source : (socket.remoteAddress ?? null),
    userAgent: headers["user-agent"] ?? null,
  };
}

/** The context of a request by a program, acting as `actor`: what the door proved, nothing that the caller says. */
export function toContext({ raw }: FastifyRequest, actor: Actor): Context {
  return { ...toStrangerContext(raw), actor };
}

/** The network that a request comes from, as limits count it: who has one line has all of its addresses. */
export function networkOf(request: FastifyRequest): string {
  return `network/${toNetwork(toContext(request, { kind: "user" }).sourceIp)}`;
}
