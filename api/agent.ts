import "server-only";
import rateLimit from "@fastify/rate-limit";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { authenticateLegacyKey } from "@/lib/clients/authenticate-legacy-key";
import { acceptBody, authenticateMachine, type ProvenRequest } from "@/lib/machines/authenticate-machine";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { enrolMachine } from "@/lib/machines/enrol";
import { releaseMachineInput } from "@/lib/machines/input";
import { leaveMachine, noteWithdrawn, releaseMachine } from "@/lib/machines/release";
import { toMachineActor } from "@/lib/machines/require-machine";
import { readSigningKey } from "@/lib/machines/signing-key";
import { noteStored, type SyncRefusal, syncMachine } from "@/lib/machines/sync";
import { enrolAnswerSchema, syncAnswerSchema } from "@/lib/machines/wire";
import { takeReceipts } from "@/lib/offline/take-receipts";
import type { Context } from "@/lib/platform/context";
import { assertNever, Denied } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { agentFile } from "./agent-files";
import { getClient, readBearer, toClientContext } from "./client";
import { toContext } from "./context";
import { agentDoor } from "./reference/agent";
import { type Parsed, parseByOperations, serve, Unfitting } from "./serve";
import { Shed } from "./shed";

const { operations } = agentDoor;
type Asked<Name extends keyof typeof operations> = Parsed<(typeof operations)[Name]>;

declare module "fastify" {
  interface FastifyRequest {
    /** What a machine signed of this request, before its body is read. */
    proven: ProvenRequest | null;
    /** The machine that signed this request, once the door has verified it. */
    machineContext: Context | null;
  }
}

/** 200 receipts of 2,000 characters, and room. */
const SYNC_BYTES_MAX = 512 * 1024;

/** Everything else that a machine says, and all that a stranger is listened to. */
const WORD_BYTES_MAX = 4 * 1024;

/** How many syncs are worked on at once in this process; after an outage a whole fleet comes at one moment. */
const syncs = new Shed(64, { least: 60, most: 900 });

/** A machine asks once a minute at most by itself. */
const CALLS_PER_MINUTE = 60;

const messages = {
  bad_request: "The request is not what this door takes",
  unauthorized: "No request of an enrolled machine: check the clock by this answer's Date, then enrol again",
  forbidden: "This key may not do that",
  not_found: "No such machine is enrolled",
  token_refused: "The token is unknown, used, over, or made for another name",
  already_enrolled: "A machine of this name is enrolled: release it first",
  ended: "This machine was released or revoked",
  not_ended: "This machine is enrolled: nobody here ended it",
  key_ended: "The signing key that this machine pins has ended: enrol it again",
  unknown_users: "Nobody is known by these names",
  too_large: "The body is too large",
  too_many: "Too many requests",
  fault: "The request could not be processed",
} as const;

const statuses: Readonly<Record<keyof typeof messages, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  token_refused: 403,
  already_enrolled: 409,
  ended: 410,
  not_ended: 409,
  key_ended: 409,
  unknown_users: 400,
  too_large: 413,
  too_many: 429,
  fault: 500,
};

function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: keyof typeof messages,
  message: string = messages[error],
  more: object = {},
): FastifyReply {
  return reply.code(statuses[error]).send({ error, message, requestId: request.id, ...more });
}

function sendTooMany(request: FastifyRequest, reply: FastifyReply, seconds: number): FastifyReply {
  reply.header("retry-after", String(seconds));
  return sendError(request, reply, "too_many");
}

function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Denied) return sendError(request, reply, "forbidden");
  if (error instanceof Unfitting) return sendError(request, reply, "bad_request", error.message);
  const status = isDatabaseAway(error) ? 503 : (error.statusCode ?? 500);
  if (status === 429) return sendError(request, reply, "too_many");
  if (status === 413) return sendError(request, reply, "too_large");
  if (status < 500) return sendError(request, reply, "bad_request").code(status);
  request.log.error({ err: error, requestId: request.id }, "fault");
  if (status === 503) reply.header("retry-after", "5");
  return sendError(request, reply, "fault").code(status === 503 ? 503 : 500);
}

const bodyOf = (request: FastifyRequest) => (Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));

function readJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString("utf8") : "");
  } catch {
    throw new Unfitting("The body is no JSON");
  }
}

const ofNobody = (request: FastifyRequest) => toContext(request, { kind: "user" });

async function admitMachine(
  request: FastifyRequest,
  reply: FastifyReply,
  isOpenToEnded = false,
): Promise<FastifyReply | undefined> {
  const result = await authenticateMachine(ofNobody(request), {
    token: readBearer(request),
    method: request.method,
    path: request.url.split("?", 1)[0] ?? "",
    isOpenToEnded,
  });
  if (!result.ok) return sendError(request, reply, result.reason === "ended" ? "ended" : "unauthorized");
  request.proven = result.proven;
  return undefined;
}

async function admitBody(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  if (request.proven === null) throw new Error("a body was read of nobody");
  const result = await acceptBody(ofNobody(request), request.proven, bodyOf(request));
  if (!result.ok) return sendError(request, reply, "unauthorized");
  request.machineContext = toContext(request, toMachineActor(result.machine));
  return undefined;
}

function getMachineContext(request: FastifyRequest): Context {
  if (request.machineContext === null) throw new Error("nobody came in without a machine");
  return request.machineContext;
}

function sendSyncRefusal(request: FastifyRequest, reply: FastifyReply, refusal: SyncRefusal): FastifyReply {
  switch (refusal.reason) {
    case "ended":
    case "key_ended":
      return sendError(request, reply, refusal.reason);
    default:
      return assertNever(refusal.reason);
  }
}

async function signingKey(request: FastifyRequest): Promise<object> {
  const { publicKey } = await readSigningKey(ofNobody(request));
  return { publicKey: Buffer.from(publicKey).toString("base64url") };
}

async function enrol(request: Asked<"enrol">, reply: FastifyReply): Promise<FastifyReply> {
  const result = await enrolMachine(ofNobody(request), request.body);
  if (result.ok) return reply.code(201).send(enrolAnswerSchema.parse(result));
  switch (result.reason) {
    case "token_refused":
    case "already_enrolled":
      return sendError(request, reply, result.reason);
    case "malformed":
      return sendError(request, reply, "bad_request", "The wish to enrol is none");
    case "bad_key":
      return sendError(request, reply, "bad_request", "The public key is none");
    case "busy":
      return sendTooMany(request, reply, result.retryAfterSeconds);
    default:
      return assertNever(result);
  }
}

async function sync(request: Asked<"sync">, reply: FastifyReply): Promise<FastifyReply> {
  const input = request.body;
  const ctx = getMachineContext(request);
  const done = await syncs.run(async () => ({
    receipts: await takeReceipts(ctx, input.receipts),
    result: await syncMachine(ctx, input),
  }));
  if (!done.ok) return sendTooMany(request, reply, done.retryAfterSeconds);
  const { result, receipts } = done.value;
  if (!result.ok) return sendSyncRefusal(request, reply, result);
  return reply.send(
    syncAnswerSchema.parse({
      package: result.package,
      receipts: { seq: receipts.seq, hash: Buffer.from(receipts.hash).toString("base64url") },
      syncSeconds: result.syncSeconds,
    }),
  );
}

async function stored(request: Asked<"stored">, reply: FastifyReply): Promise<FastifyReply> {
  const result = await noteStored(getMachineContext(request), request.body);
  return result.ok ? reply.code(204).send() : sendSyncRefusal(request, reply, result);
}

async function leave(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  await leaveMachine(getMachineContext(request));
  return reply.code(204).send();
}

async function withdrawn(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const result = await noteWithdrawn(getMachineContext(request));
  return result.ok ? reply.code(204).send() : sendError(request, reply, result.reason);
}

async function admitClient(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const result = await authenticateLegacyKey(ofNobody(request), readBearer(request));
  if (!result.ok) return sendError(request, reply, "unauthorized", "No token of a key that is known");
  request.client = result.client;
  return undefined;
}

async function offer(request: Asked<"offer">, reply: FastifyReply): Promise<FastifyReply> {
  const result = await createEnrolmentToken(toClientContext(request), request.body);
  if (result.ok) return reply.send({ token: result.token, expiresAt: result.expiresAt.toISOString() });
  switch (result.reason) {
    case "step_up_needed":
      return sendError(request, reply, "forbidden");
    case "already_enrolled":
      return sendError(request, reply, "already_enrolled");
    case "unknown_users": {
      const { users } = result;
      const message = `${messages.unknown_users}: ${users.join(", ")}`;
      return sendError(request, reply, "unknown_users", message, { users });
    }
    default:
      return assertNever(result);
  }
}

async function release(
  request: Parsed<typeof operations.release, { name: string }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const input = releaseMachineInput.safeParse({ machine: request.params.name });
  const result = input.success && (await releaseMachine(toClientContext(request), input.data));
  return result !== false && result.ok ? reply.code(204).send() : sendError(request, reply, "not_found");
}

/**
 * The agent's door, `/agent/v1/…` (offline): machines enrol, sync and say what they store; a legacy key of the role `integration`
 * makes enrolment tokens and releases machines. Bodies are JSON as `lib/machines/wire.ts` has it, taken as raw bytes, since a
 * machine signs them; that of a stranger is read where it wishes to enrol, 4 KiB of it. Errors are `{ error, message, requestId }`.
 */
export async function agent(app: FastifyInstance): Promise<void> {
  app.decorateRequest("proven", null);
  app.decorateRequest("machineContext", null);
  app.decorateRequest("client", null);
  app.setErrorHandler(handleError);
  parseByOperations(app, readJson);
  app.setNotFoundHandler((request, reply) => sendError(request, reply, "not_found", "No such resource"));
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
  await app.register(rateLimit, {
    global: false,
    errorResponseBuilder: () => Object.assign(new Error("too many calls"), { statusCode: 429 }),
  });

  serve(app, operations.file, agentFile);
  serve(app, operations.signingKey, signingKey);
  serve(app, operations.enrol, enrol, { bodyLimit: WORD_BYTES_MAX });

  const ofMachine = {
    onRequest: (request: FastifyRequest, reply: FastifyReply) => admitMachine(request, reply),
    preValidation: admitBody,
    bodyLimit: WORD_BYTES_MAX,
    config: {
      rateLimit: {
        hook: "preHandler" as const,
        timeWindow: 60_000,
        max: CALLS_PER_MINUTE,
        keyGenerator: (request: FastifyRequest) => {
          const { actor } = getMachineContext(request);
          return actor.kind === "machine" ? actor.machineId : "nobody";
        },
      },
    },
  };
  serve(app, operations.sync, sync, { ...ofMachine, bodyLimit: SYNC_BYTES_MAX });
  serve(app, operations.stored, stored, ofMachine);
  serve(app, operations.leave, leave, ofMachine);
  const ofEnded = (request: FastifyRequest, reply: FastifyReply) => admitMachine(request, reply, true);
  serve(app, operations.withdrawn, withdrawn, { ...ofMachine, onRequest: ofEnded });

  const ofClient = {
    onRequest: admitClient,
    config: {
      rateLimit: {
        hook: "preParsing" as const,
        timeWindow: 1000,
        max: (request: FastifyRequest) => getClient(request).callsPerSecond,
        keyGenerator: (request: FastifyRequest) => getClient(request).id,
      },
    },
  };
  serve(app, operations.offer, offer, ofClient);
  serve(app, operations.release, release, ofClient);
}
