import "server-only";
import { randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import proxyAddr from "@fastify/proxy-addr";
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import { recordRefusedRequest } from "@/lib/audit/record-refused-request";
import { getConfig } from "@/lib/platform/config";
import { digest, randomToken } from "@/lib/platform/keys";
import { getLog } from "@/lib/platform/log";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { admin } from "./admin";
import { agent } from "./agent";
import { authn } from "./authn";
import { watchConnections } from "./connections";
import { toStrangerContext } from "./context";
import { healthz } from "./healthz";
import { isLookUp, lookUp } from "./look-up";
import { oauth } from "./oauth";
import { openapi } from "./openapi";
import { openid } from "./openid";
import { setPageHeaders } from "./page-headers";
import { PageTurns } from "./page-turns";
import { sendBusyPage } from "./plain-page";
import { radius } from "./radius";
import { adminDoor } from "./reference/admin";
import { agentDoor } from "./reference/agent";
import { authnDoor } from "./reference/authn";
import { radiusDoor } from "./reference/radius";
import { scimDoor } from "./reference/scim";
import { scim } from "./scim";
import { sendUnreadable } from "./unreadable";
import { webhooks } from "./webhooks";

/** The first parts of the paths that programs call; everything else is for people and goes on to Next, but for the look-up. */
const DOORS = [
  "/healthz",
  "/AdminInterface/",
  "/agent/",
  "/mfa/",
  "/oauth/",
  "/oidc/",
  "/radius/",
  "/scim/",
  "/webhooks/",
  "/.well-known/oauth-",
  "/docs/api/openapi.json",
];

const BODY_BYTES_MAX = 64 * 1024;

/** No form of a page comes near: what is larger is refused before any of it is read. */
const FORM_BYTES_MAX = 256 * 1024;

/** What Node reads of a request before its body: a name in a path that is as long as may be is one that nobody has, not an error. */
const HEADER_BYTES_MAX = 16 * 1024;

/** Pages of one network that are made at once, and that wait: an office behind one address at nine in the morning. */
const PAGES_AT_ONCE_MAX = 4;
const PAGES_WAITING_MAX = 300;
const PAGES_RETRY_SECONDS = 5;

/** Set by this server on every request that it hands on, and taken from nobody outside. */
const REQUEST_ID_HEADER = "x-request-id";
const SOURCE_IP_HEADER = "x-sparekey-source-ip";
const PATH_HEADER = "x-sparekey-path";

/**
 * Says that a request comes from this very process: Next asks itself for another page (a form that was posted elsewhere than
 * where it stands, a page that it leads to), with the headers of whoever asked, from the loopback address.
 */
const INNER_HEADER = "x-sparekey-inner";

/** Which network addresses may tell us, in `X-Forwarded-For`, whom they speak for; none unless configured. */
function compileTrust(): (address: string, hop: number) => boolean {
  const trusted = getConfig().SPAREKEY_TRUST_PROXY;
  return trusted === undefined
    ? () => false
    : proxyAddr.compile(trusted.split(",").map((part) => part.trim()));
}

function isSame(given: string | string[] | undefined, secret: string): boolean {
  return typeof given === "string" && timingSafeEqual(digest(given), digest(secret));
}

/**
 * Whether an address says where it leads: its percent signs stand for text, on which Next breaks otherwise, and nothing in it leads
 * elsewhere than it begins, for Next follows `..` to a page that what stands before isn't.
 */
function isReadable(url: string): boolean {
  try {
    const path = decodeURIComponent(url.split("?", 1)[0] ?? "");
    return !path.split(/[/\\]/).some((part) => part === "." || part === "..");
  } catch {
    return false;
  }
}

/** Why a request for a page is answered without a look at it, as a status and words; undefined where it is looked at. */
function findObstacle(
  { url, headers }: IncomingMessage,
  isInner: boolean,
): [status: number, words: string] | undefined {
  if (!isReadable(url ?? "/")) return [400, "Bad request"];
  if (isInner) return undefined;
  if (headers["next-action"] !== undefined && headers.origin === undefined) return [403, "Say from where"];
  if (headers["transfer-encoding"] !== undefined) return [411, "Say how long it is"];
  return Number(headers["content-length"] ?? 0) > FORM_BYTES_MAX ? [413, "Too large"] : undefined;
}

/**
 * Builds the one HTTP server: the doors for programs, the console's look-up, and in front of `handlePeople` (Next) for all
 * other paths.
 * Gives every request an id and the address it came from, and logs one line for each. What is sent away before anybody
 * looks at it (too large, or too many pages of one network) leaves an event, within bounds. Closing it finishes the requests that are
 * under way, and waits for no connection besides.
 */
export async function buildApp(handlePeople: RequestListener): Promise<FastifyInstance> {
  const log = getLog();
  const trust = compileTrust();
  const inner = randomToken();

  /** Of each server: a name may stand for several addresses. */
  const endings: (() => void)[] = [];

  const turns = new PageTurns(PAGES_AT_ONCE_MAX, PAGES_WAITING_MAX);

  const admit = (request: IncomingMessage, response: ServerResponse): { isInner: boolean } => {
    const id = randomUUID();
    request.headers[REQUEST_ID_HEADER] = id;
    const isInner = isSame(request.headers[INNER_HEADER], inner);
    if (!isInner) request.headers[SOURCE_IP_HEADER] = proxyAddr(request, trust);
    request.headers[INNER_HEADER] = inner;
    request.headers[PATH_HEADER] = request.url ?? "/";
    response.setHeader(REQUEST_ID_HEADER, id);
    response.setHeader("x-content-type-options", "nosniff");
    const begun = performance.now();
    response.once("close", () => {
      const path = (request.url ?? "").split("?", 1)[0];
      const ms = Math.round(performance.now() - begun);
      log.info(
        {
          requestId: id,
          method: request.method,
          path,
          status: response.statusCode,
          ms,
          complete: response.writableEnded,
        },
        "request",
      );
      if (response.statusCode === 413) void recordRefusedRequest(toStrangerContext(request), "too_large");
    });
    return { isInner };
  };

  const answerPeople = (
    request: IncomingMessage,
    response: ServerResponse,
    isInner: boolean,
    handle: RequestListener,
  ): void => {
    const url = request.url ?? "/";
    setPageHeaders(request, response);
    const obstacle = findObstacle(request, isInner);
    if (obstacle !== undefined)
      response.writeHead(obstacle[0], { "content-type": "text/plain", connection: "close" }).end(obstacle[1]);
    else if (isInner) handle(request, response);
    else
      turns.take(String(request.headers[SOURCE_IP_HEADER]), url, response, {
        show: () => handle(request, response),
        sendAway: () => {
          sendBusyPage(request, response, PAGES_RETRY_SECONDS);
          void recordRefusedRequest(toStrangerContext(request), "busy", "page");
        },
      });
  };

  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 30_000,
    routerOptions: {
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: HEADER_BYTES_MAX,
    },
    frameworkErrors: (_error, request, reply) => sendUnreadable(request, reply),
    genReqId: (request) => String(request.headers[REQUEST_ID_HEADER]),
    serverFactory: (handleProgram) => {
      const server = createServer(
        { requestTimeout: 30_000, headersTimeout: 15_000, keepAliveTimeout: 30_000 },
        (request, response) => {
          const { isInner } = admit(request, response);
          if (DOORS.some((door) => request.url?.startsWith(door))) handleProgram(request, response);
          else answerPeople(request, response, isInner, isLookUp(request) ? handleProgram : handlePeople);
        },
      );
      endings.push(watchConnections(server));
      return server;
    },
  });
  app.addHook("preClose", async () => {
    for (const endConnections of endings) endConnections();
  });

  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = isDatabaseAway(error) ? 503 : (error.statusCode ?? 500);
    if (status >= 500) request.log.error({ err: error, requestId: request.id }, "fault");
    if (status === 503) reply.header("retry-after", "5");
    return reply.code(status).send({ error: status >= 500 ? "fault" : "bad_request", requestId: request.id });
  });

  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: "not_found", requestId: request.id }),
  );

  await app.register(doors);
  await app.register(lookUp);
  return app;
}

/** Every door for programs, each at its place. */
export async function doors(app: FastifyInstance): Promise<void> {
  await app.register(healthz);
  await app.register(webhooks);
  await app.register(openapi);
  await app.register(authn, { prefix: authnDoor.path });
  await app.register(admin, { prefix: adminDoor.path });
  await app.register(radius, { prefix: radiusDoor.path });
  await app.register(oauth);
  await app.register(openid, { prefix: "/oidc" });
  await app.register(scim, { prefix: scimDoor.path });
  await app.register(agent, { prefix: agentDoor.path });
}
