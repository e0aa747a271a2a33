import "server-only";
import type { IncomingMessage } from "node:http";
import type { FastifyRequest } from "fastify";
import type { Actor, Context } from "@/lib/platform/context";
import { toNetwork } from "@/lib/platform/network";

/** The context of a request by a program, acting as `actor`: what the door proved, nothing that the caller says. */
export function toContext(request: FastifyRequest, actor: Actor): Context {
  const source = request.headers["x-sparekey-source-ip"];
  return {
    actor,
    requestId: request.id,
    sourceIp: typeof source === "string" ? source : request.ip,
    userAgent: request.headers["user-agent"] ?? null,
  };
}

/** The context of a request of whom nothing is known, as a page's, that was given an id and an address. */
export function toStrangerContext({ headers }: IncomingMessage): Context {
  const [id, source] = [headers["x-request-id"], headers["x-sparekey-source-ip"]];
  return {
    actor: { kind: "user" },
    requestId: String(id),
    sourceIp: typeof source === "string" ? source : null,
    userAgent: headers["user-agent"] ?? null,
  };
}

/** The network that a request comes from, as limits count it: who has one line has all of its addresses. */
export function networkOf(request: FastifyRequest): string {
  return `network/${toNetwork(toContext(request, { kind: "user" }).sourceIp)}`;
}
