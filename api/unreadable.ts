import "server-only";
import type { FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "./rsa";
import { sendScimError } from "./scim-door";

const said = "The address can't be read";

/** Answers 400 to an address whose percent signs stand for no text, in the form of the door that it would have led to. */
export function sendUnreadable(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { url } = request;
  if (url.startsWith("/AdminInterface/") || url.startsWith("/mfa/")) return sendProblem(reply, 400, said);
  if (url.startsWith("/scim/")) return sendScimError(reply, 400, said);
  return reply.code(400).send({ error: "bad_request", message: said, requestId: request.id });
}
