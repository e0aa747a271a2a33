import "server-only";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authenticateScimToken } from "@/lib/clients/authenticate-secret";
import { Denied } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { type ScimType, Unfit } from "@/lib/scim/unfit";
import { readBearer } from "./client";
import { toContext } from "./context";
import { limitCalls } from "./limit-calls";

const errorUrn = "urn:ietf:params:scim:api:messages:2.0:Error";

/** Sends JSON as SCIM has it (RFC 7644, 3.1). */
export function sendScim(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).type("application/scim+json; charset=utf-8").send(JSON.stringify(body));
}

/** Answers an error in the form of RFC 7644, 3.12. */
export function sendScimError(
  reply: FastifyReply,
  status: number,
  detail: string,
  scimType?: ScimType,
): FastifyReply {
  const named = scimType === undefined ? {} : { scimType };
  return sendScim(reply, status, { schemas: [errorUrn], status: String(status), ...named, detail });
}

/** Answers what is wrong with a message (RFC 7644, 3.12 table 9). */
export function sendUnfit(
  reply: FastifyReply,
  { scimType, detail }: { scimType: ScimType; detail: string },
): FastifyReply {
  return sendScimError(reply, scimType === "uniqueness" ? 409 : 400, detail, scimType);
}

function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Unfit) return sendUnfit(reply, error);
  if (error instanceof Denied) return sendScimError(reply, 403, "This client may not do that");
  const status = isDatabaseAway(error) ? 503 : (error.statusCode ?? 500);
  switch (status) {
    case 400:
      return sendScimError(reply, 400, "The request can't be read", "invalidSyntax");
    case 413:
      return sendScimError(reply, 413, "The body is too large");
    case 415:
      return sendScimError(reply, 415, "The content type must be application/scim+json");
    case 429:
      return sendScimError(reply, 429, "Too many requests");
    default:
  }
  if (status < 500) return sendScimError(reply, status, "The request can't be read");
  request.log.error({ err: error, requestId: request.id }, "fault");
  if (status === 503) reply.header("retry-after", "5");
  const said = `The request could not be processed (request id ${request.id})`;
  return sendScimError(reply, status === 503 ? 503 : 500, said);
}

/**
 * Makes `app` the door for directories: a live token is shown before a byte of the body is read, each client calls so often a
 * second as its row says, and everybody hears errors in SCIM's form.
 */
export async function guardScimDoor(app: FastifyInstance): Promise<void> {
  app.decorateRequest("client", null);
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendScimError(reply, 404, "No such resource"));
  app.addHook("onRequest", async (request, reply) => {
    reply.header("cache-control", "no-store");
    const result = await authenticateScimToken(toContext(request, { kind: "user" }), readBearer(request));
    if (!result.ok) {
      const said = result.reason === "missing" ? "" : ', error="invalid_token"';
      reply.header("www-authenticate", `Bearer realm="scim"${said}`);
      return sendScimError(reply, 401, "A live token must stand in Authorization: Bearer");
    }
    request.client = result.client;
  });
  await limitCalls(app);
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    ["application/scim+json", "application/json"],
    { parseAs: "string" },
    (request, body, done) => {
      if (body === "") done(null, undefined);
      else parse(request, body as string, done);
    },
  );
}
