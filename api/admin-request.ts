import "server-only";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { toActor } from "@/lib/clients/model";
import type { Context } from "@/lib/platform/context";
import { toContext } from "./context";
import { getClient, sendProblem } from "./rsa";

/** A call about one user. */
export interface OfUser {
  Params: { id: string };
}

const uuid = z.uuid();

/** Whether `text` has the form of our ids; what has not is nobody's. */
export function isUuid(text: string): boolean {
  return uuid.safeParse(text).success;
}

/** The context of a call that came through the guard. */
export function toClientContext(request: FastifyRequest): Context {
  return toContext(request, toActor(getClient(request)));
}

/** Answers that there is no such user. */
export function sendUserNotFound(reply: FastifyReply, id: string): FastifyReply {
  return sendProblem(reply, 404, `User ${id} not found`);
}
