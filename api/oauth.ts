import "server-only";
import formbody from "@fastify/formbody";
import rateLimit from "@fastify/rate-limit";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type IssueAccessTokenResult, issueAccessToken } from "@/lib/clients/issue-access-token";
import { type AuthenticatedClient, oauthIssuer } from "@/lib/clients/model";
import { getConfig } from "@/lib/platform/config";
import { assertNever } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { oauthScopes } from "@/lib/staff/scopes";
import { networkOf, toContext } from "./context";
import { assertionType, oauthDoor } from "./reference/oauth";
import { parseByOperations, serve } from "./serve";

/** How many tokens one network may ask for in a second, whatever comes of it: what is forged costs us a signature each. */
const ASKS_PER_SECOND = 100;

const descriptions = {
  invalid_request: "The request lacks a parameter, repeats one, or is not form-encoded",
  invalid_client: "The client assertion proves nothing, or was used before",
  invalid_scope: "None of the scopes is allowed to this client",
  unsupported_grant_type: "Only client_credentials is granted here",
  temporarily_unavailable: "Too many requests",
  server_error: "The request could not be processed",
} as const;

/** Answers in the words of RFC 6749, 5.2. */
function sendError(reply: FastifyReply, status: number, error: keyof typeof descriptions): FastifyReply {
  return reply.code(status).send({ error, error_description: descriptions[error] });
}

function sendTooMany(reply: FastifyReply): FastifyReply {
  return sendError(reply.header("retry-after", "1"), 429, "temporarily_unavailable");
}

function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = isDatabaseAway(error) ? 503 : (error.statusCode ?? 500);
  if (status === 429) return sendTooMany(reply);
  if (status < 500) return sendError(reply, status === 413 ? 413 : 400, "invalid_request");
  request.log.error({ err: error, requestId: request.id }, "fault");
  if (status === 503) reply.header("retry-after", "5");
  return sendError(reply, status === 503 ? 503 : 500, "server_error");
}

function sendRefusal(
  reply: FastifyReply,
  refusal: Exclude<IssueAccessTokenResult, { ok: true }>,
): FastifyReply {
  switch (refusal.reason) {
    case "scope":
      return sendError(reply, 400, "invalid_scope");
    case "too_many":
      return sendTooMany(reply);
    case "malformed":
    case "issuer":
    case "unknown_client":
    case "algorithm":
    case "signature":
    case "audience":
    case "expired":
    case "not_yet":
    case "too_long":
    case "replayed":
      return sendError(reply, 401, "invalid_client");
    default:
      return assertNever(refusal);
  }
}

/** What a client finds out about us by itself (RFC 8414, 2). */
function metadata(): object {
  const issuer = oauthIssuer(getConfig().BASE_URL);
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    grant_types_supported: ["client_credentials"],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ["private_key_jwt"],
    token_endpoint_auth_signing_alg_values_supported: ["RS256", "ES256"],
    scopes_supported: oauthScopes,
  };
}

/**
 * `POST /oauth/token` (rest, 1 "Who calls"; RFC 6749, 4.4; RFC 7523): an access token for a client that signs an assertion.
 *
 * 200 `access_token`, `token_type`, `expires_in`, `scope`. 400 `invalid_request`, `unsupported_grant_type`, `invalid_scope`; 401
 * `invalid_client`, the same for every reason; 429 with `Retry-After` beyond what the client's row allows in a second; 500 and 503.
 * The metadata of RFC 8414 stand where clients look for them. Access tokens are read by us alone: there are no keys to fetch.
 */
export async function oauth(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  await app.register(formbody);
  await app.register(rateLimit, {
    global: false,
    timeWindow: 1000,
    max: ASKS_PER_SECOND,
    keyGenerator: networkOf,
  });
  app.setErrorHandler(handleError);
  parseByOperations(app);
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store").header("pragma", "no-cache");
  });
  const askedBy = new WeakMap<FastifyRequest, AuthenticatedClient>();
  const isOften = app.createRateLimit();
  const isTooOften = app.createRateLimit({
    max: (request) => askedBy.get(request)?.callsPerSecond ?? 1,
    keyGenerator: (request) => `client/${askedBy.get(request)?.id}`,
  });

  serve(app, oauthDoor.operations.token, async (request, reply) => {
    const { grant_type, client_id, client_assertion, client_assertion_type, scope } = request.body;
    if (grant_type !== "client_credentials") return sendError(reply, 400, "unsupported_grant_type");
    if (client_assertion === undefined || client_assertion_type !== assertionType)
      return sendError(reply, 401, "invalid_client");
    const limit = await isOften(request);
    if (!limit.isAllowed && limit.isExceeded) return sendTooMany(reply);
    const result = await issueAccessToken(
      toContext(request, { kind: "user" }),
      { assertion: client_assertion, clientId: client_id || undefined, scope },
      async (client) => {
        askedBy.set(request, client);
        const own = await isTooOften(request);
        return own.isAllowed || !own.isExceeded;
      },
    );
    if (!result.ok) return sendRefusal(reply, result);
    return {
      access_token: result.accessToken,
      token_type: "Bearer",
      expires_in: result.expiresInSeconds,
      scope: result.scopes.join(" "),
    };
  });
  const { metadata: description } = oauthDoor.operations;
  for (const path of [
    description.path,
    "/oauth/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/oauth",
  ])
    serve(app, { ...description, path }, async () => metadata());
}
