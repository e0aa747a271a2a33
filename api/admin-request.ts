import "server-only";
import type { FastifyReply } from "fastify";
import { sendProblem } from "./rsa";

/** A call about one user. */
export interface OfUser {
  Params: { id: string };
}

/** Answers that there is no such user. */
export function sendUserNotFound(reply: FastifyReply, id: string): FastifyReply {
  return sendProblem(reply, 404, `User ${id} not found`);
}
