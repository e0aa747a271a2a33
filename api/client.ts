import "server-only";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { type AuthenticatedClient, toActor } from "@/lib/clients/model";
import type { Context } from "@/lib/platform/context";
import { toContext } from "./context";

declare module "fastify" {
  interface FastifyRequest {
    /** Who calls, once the door has verified it. */
    client: AuthenticatedClient | null;
  }
}

/** What stands after `Bearer` in a request, untrusted (RFC 6750, 2.1); undefined where nothing does. */
export function readBearer(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
}

/**
 * The client of a request that came through the guard of its door.
 * @throws where the door let it in without one: a fault of ours.
 */
export function getClient(request: FastifyRequest): AuthenticatedClient {
  if (request.client === null) throw new Error("the guard lets nobody in without a client");
  return request.client;
}

/**
 * The context of a request that came through the guard of its door: its client acts.
 * @throws as `getClient`.
 */
export function toClientContext(request: FastifyRequest): Context {
  return toContext(request, toActor(getClient(request)));
}

const uuid = z.uuid();

/** Whether `text` has the form of our ids; what has not is nobody's. */
export function isUuid(text: string): boolean {
  return uuid.safeParse(text).success;
}
