import "server-only";
import crypto from "node:crypto";
import rateLimit from "@fastify/rate-limit";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type Provider from "oidc-provider";
import type { InteractionResults } from "oidc-provider";
import { isAttemptId } from "@/lib/authn/browser";
import { openidIssuer } from "@/lib/clients/model";
import { toRequest } from "@/lib/openid/request";
import { type OpenidSignIn, type SignInRefusal, signInAtApplication } from "@/lib/openid/sign-in";
import { getConfig, isSecure } from "@/lib/platform/config";
import { assertNever } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { admit } from "@/lib/robots/admit";
import { networkOf, toContext } from "./context";
import { admissions, findSecret, getProvider, type ProvenResult, toDigest } from "./openid-provider";
import { makeErrorPage, makePolicy, makeWayPage } from "./plain-page";

/** How often one network may ask in a second: an office behind one address at nine in the morning. */
const ASKS_PER_SECOND = 50;

const quiet = { "x-ratelimit-limit": false, "x-ratelimit-remaining": false, "x-ratelimit-reset": false };

/** Whether this Node has what the provider's library takes for granted; from 20.18 on. */
const isProvided = "parse" in URL && "hash" in crypto;

/** A request to sign in is this long at most; that of Entra, which comes as a form, is some thousand bytes. */
const FORM_BYTES_MAX = 48 * 1024;

function sendPage(reply: FastifyReply, status: number, page: string): FastifyReply {
  return reply.code(status).type("text/html; charset=utf-8").send(page);
}

function sendError(request: FastifyRequest, reply: FastifyReply, status: number, code: string): FastifyReply {
  return request.headers.accept?.includes("text/html")
    ? sendPage(reply, status, makeErrorPage(request.headers["accept-language"] ?? "", code, request.id))
    : reply.code(status).send({ error: code });
}

function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.name === "SessionNotFound") return sendError(request, reply, 400, "session_not_found");
  const status = isDatabaseAway(error) ? 503 : (error.statusCode ?? 500);
  if (status === 429) return sendError(request, reply, 429, "temporarily_unavailable");
  if (status < 500) return sendError(request, reply, status === 413 ? 413 : 400, "invalid_request");
  request.log.error({ err: error, requestId: request.id }, "fault");
  if (status === 503) reply.header("retry-after", "5");
  return sendError(request, reply, status === 503 ? 503 : 500, "server_error");
}

/**
 * Hands the request to the provider, which takes the place where it stands from what we call ourselves, not from what the caller calls us.
 */
async function handOver(request: FastifyRequest, reply: FastifyReply, url: string): Promise<void> {
  const provider = await getProvider();
  const { raw } = request;
  const { host, protocol, pathname } = new URL(openidIssuer(getConfig().BASE_URL));
  Object.assign(raw, { url, baseUrl: pathname });
  Object.assign(raw.headers, { "x-forwarded-host": host, "x-forwarded-proto": protocol.slice(0, -1) });
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  reply.hijack();
  await provider.callback()(raw, reply.raw);
}

/** What a program is told of why nobody was signed in; undefined: nothing, as they may begin again. */
function toProviderError(reason: SignInRefusal["reason"]): InteractionResults | undefined {
  switch (reason) {
    case "gone":
      return undefined;
    case "other_user":
      return { error: "access_denied", error_description: "somebody else was proven" };
    case "not_accepted":
      return {
        error: "unmet_authentication_requirements",
        error_description: "proven in a way that was not asked for",
      };
    default:
      return assertNever(reason);
  }
}

/** What the provider is told of who was proven. */
function toResult(signIn: OpenidSignIn, attempt: ProvenResult["attempt"]): ProvenResult {
  const { id, subject, acr, amr, provenAtSeconds, expiresAtSeconds } = signIn;
  return {
    login: { accountId: subject, acr, amr, ts: provenAtSeconds, remember: false },
    consent: {},
    signIn: { id, expiresAtSeconds },
    attempt,
  };
}

type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

/** The request that this browser's cookie is for, if it goes by `handle`. */
async function findInteraction(
  provider: Provider,
  request: FastifyRequest,
  reply: FastifyReply,
  handle: string,
): Promise<Interaction | undefined> {
  const interaction = await provider.interactionDetails(request.raw, reply.raw);
  return toDigest(interaction.uid) === handle ? interaction : undefined;
}

/**
 * The OpenID Connect provider (OpenID Connect Core 1.0, Discovery 1.0; RFC 6749, 7009, 7636, 7662), issuer `<BASE_URL>/oidc`, for
 * protected applications and for Microsoft Entra, as an external authentication method.
 *
 * An application sends the browser to `/oidc/auth`; that leads it by `/oidc/interaction/<handle>` to `/otp`, which proves the user, and back
 * the same way with the attempt: its success is taken up here, once, by the browser that earned it and that has the request's cookie, and
 * that browser alone goes on to the application.
 * Errors are the provider's own, in its words to programs, and on a page where people see them; nobody is led anywhere that isn't
 * registered to the letter.
 */
export async function openid(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.setErrorHandler(handleError);
  await app.register(rateLimit, {
    timeWindow: 1000,
    max: ASKS_PER_SECOND,
    keyGenerator: networkOf,
    addHeaders: quiet,
    addHeadersOnExceeding: quiet,
    errorResponseBuilder: () => Object.assign(new Error("too many"), { statusCode: 429 }),
  });
  const asking = new WeakMap<FastifyRequest, { clientId: string; callsPerSecond: number }>();
  const isTooOften = app.createRateLimit({
    max: (request) => asking.get(request)?.callsPerSecond ?? 1,
    keyGenerator: (request) => `client/${asking.get(request)?.clientId}`,
  });
  if (!isProvided) app.log.warn("OpenID Connect needs Node 20.18 or newer: /oidc answers 501");
  app.addHook("onRequest", async (request, reply) => {
    if (!isProvided) return sendError(request, reply, 501, "server_error");
    admissions.set(request.raw, async (clientId, callsPerSecond) => {
      asking.set(request, { clientId, callsPerSecond });
      const own = await isTooOften(request);
      return own.isAllowed || !own.isExceeded;
    });
    reply.header("cache-control", "no-store").header("content-security-policy", makePolicy());
    reply.header("x-frame-options", "DENY").header("referrer-policy", "no-referrer");
    if (isSecure()) reply.header("strict-transport-security", "max-age=31536000");
  });

  app.get<{ Params: { handle: string }; Querystring: { attempt?: unknown } }>(
    "/interaction/:handle",
    async (request, reply) => {
      // What a page fetches ahead is no navigation, and would use the success up.
      if ((request.headers["sec-fetch-mode"] ?? "navigate") !== "navigate") return reply.code(406).send();
      const { handle } = request.params;
      const { attempt } = request.query;
      const provider = await getProvider();
      const interaction = await findInteraction(provider, request, reply, handle);
      const asked = interaction && (await toRequest(interaction.params));
      if (interaction === undefined || asked === undefined)
        return sendError(request, reply, 400, "session_not_found");
      const { loginHint } = asked;
      const login = loginHint === "" ? {} : { login: loginHint };
      const begin = `/otp?${new URLSearchParams({ app: handle, ...login })}`;
      if (typeof attempt !== "string" || !isAttemptId(attempt)) return reply.redirect(begin, 303);
      const secret = findSecret(request.raw, attempt);
      if (secret === undefined) return reply.redirect(begin, 303);
      const ctx = toContext(request, { kind: "user" });
      if (!(await admit(ctx, "try")).ok) return sendError(request, reply, 429, "temporarily_unavailable");
      const result = await signInAtApplication(ctx, { attemptId: attempt, secret, handle, request: asked });
      const outcome = result.ok
        ? toResult(result.signIn, { id: attempt, secretDigest: toDigest(secret) })
        : toProviderError(result.reason);
      if (outcome === undefined) return reply.redirect(begin, 303);
      const next = await provider.interactionResult(request.raw, reply.raw, outcome);
      const address = new URL(next).pathname;
      reply.header("refresh", `0;url=${address}`);
      return sendPage(reply, 200, makeWayPage(request.headers["accept-language"] ?? "", address));
    },
  );

  app.register(async (forms) => {
    forms.addContentTypeParser(
      "application/x-www-form-urlencoded",
      { parseAs: "string", bodyLimit: FORM_BYTES_MAX },
      (_request, text, done) => done(null, text),
    );
    // A request that comes as a form is the same request: it is judged as one that comes in the address.
    forms.post("/auth", async (request, reply) => {
      request.raw.method = "GET";
      await handOver(request, reply, `/auth?${typeof request.body === "string" ? request.body : ""}`);
    });
  });

  app.all("/*", async (request, reply) => {
    await handOver(request, reply, (request.raw.url ?? "").slice("/oidc".length));
  });
}
