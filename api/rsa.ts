import "server-only";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AuthenticatedClient } from "@/lib/clients/model";
import { Denied } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { limitCalls } from "./limit-calls";
import { parseByOperations, Unfitting } from "./serve";

const codes: Readonly<Record<number, string>> = {
  400: "BAD_REQUEST",
  404: "NOT_FOUND",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  503: "SERVICE_UNAVAILABLE",
};

/** Answers an error in RSA's form: `{"code":"404 NOT_FOUND","description":"User x not found"}` (rest, 1 "Errors"). */
export function sendProblem(reply: FastifyReply, status: number, description: string): FastifyReply {
  return reply.code(status).send({ code: `${status} ${codes[status] ?? "BAD_REQUEST"}`, description });
}

/** Answers 403 in RSA's form: the same for every reason (rest, 1 "Errors"). */
export function sendForbidden(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(403).send({
    timestamp: Date.now(),
    status: 403,
    error: "Forbidden",
    message: "Access Denied",
    path: request.url.split("?", 1)[0],
  });
}

/** Answers 429 with the seconds to wait. */
export function sendTooMany(reply: FastifyReply, retryAfterSeconds: number): FastifyReply {
  reply.header("retry-after", String(retryAfterSeconds));
  return sendProblem(reply, 429, "Too many requests");
}

/** What is wrong with a request in words of ours: never its content. */
function describe(error: FastifyError): string {
  if (error instanceof Unfitting) return error.message;
  switch (error.statusCode) {
    case 413:
      return "The body is too large";
    case 415:
      return "The content type must be application/json";
    default:
      return "The request can't be read";
  }
}

function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Denied) return sendForbidden(request, reply);
  const status = isDatabaseAway(error) ? 503 : (error.statusCode ?? 500);
  if (status === 429) return sendProblem(reply, 429, "Too many requests");
  if (status < 500) return sendProblem(reply, status, describe(error));
  request.log.error({ err: error, requestId: request.id }, "fault");
  if (status === 503) reply.header("retry-after", "5");
  return sendProblem(
    reply,
    status === 503 ? 503 : 500,
    `The request could not be processed (request id ${request.id})`,
  );
}

/**
 * Makes `app` a door for programs that speak RSA's interfaces: whoever calls is verified before a byte of the body is read,
 * may call so often a second as its row says (in this process), and hears errors in RSA's form.
 * @param authenticate who calls; undefined is answered 403, without a reason.
 */
export async function guardRsaDoor(
  app: FastifyInstance,
  authenticate: (request: FastifyRequest) => Promise<AuthenticatedClient | undefined>,
): Promise<void> {
  app.decorateRequest("client", null);
  app.setErrorHandler(handleError);
  parseByOperations(app);
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, 404, "No such resource"));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    const client = await authenticate(request);
    if (client === undefined) return sendForbidden(request, reply);
    request.client = client;
  });
  await limitCalls(app);
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, undefined);
    else parse(request, body as string, done);
  });
}
