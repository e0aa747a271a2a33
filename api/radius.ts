import "server-only";
import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { beginAttempt } from "@/lib/authn/begin";
import { beginAndProve } from "@/lib/authn/begin-and-prove";
import { type BeginAttemptInput, beginAttemptInput } from "@/lib/authn/input";
import { type ProveResult, proveAttempt } from "@/lib/authn/prove";
import { type SelectChannelResult, selectChannel } from "@/lib/authn/select-channel";
import { toSubjectKey } from "@/lib/authn/subject";
import { authenticateClientKey } from "@/lib/clients/authenticate-secret";
import { toActor } from "@/lib/clients/model";
import type { Context } from "@/lib/platform/context";
import { toNetwork } from "@/lib/platform/network";
import { assertNever } from "@/lib/platform/outcome";
import { getClient } from "./client";
import { toContext } from "./context";
import {
  type AccessRequest,
  parseState,
  type RadiusAnswer,
  type RadiusState,
  toReply,
  toWish,
  type Wish,
} from "./radius-message";
import { radiusDoor } from "./reference/radius";
import { guardRsaDoor } from "./rsa";
import { type Parsed, serve } from "./serve";

/**
 * The context of an Access-Request: the RADIUS client that it came through stands in the log, and tries count by the address
 * of whoever signs in where the client tells one, else by the client. What isn't an address anybody may choose anew for each try.
 */
function toRadiusContext(request: FastifyRequest, { nas, station }: AccessRequest): Context {
  const isAddress = isIP(station) !== 0;
  const ctx = toContext(request, {
    ...toActor(getClient(request)),
    relays: isAddress ? toNetwork(station) : `nas ${nas}`,
  });
  const told = isAddress || station === "" ? "" : `, station ${station}`;
  return {
    ...ctx,
    sourceIp: isAddress ? station : ctx.sourceIp,
    userAgent: `RADIUS client ${nas || "without a name"}${told}`,
  };
}

/** Whose turn it is: a `State` is good once, and for the name that it was given to. */
const toTurn = (token: string, name: string) => `${token}/${toSubjectKey(name)}`;

/** What shows that `state` is answered in its turn, and the turn after it. */
function takeTurn({ attemptId, token }: RadiusState, name: string) {
  const next: RadiusState = { attemptId, token: randomUUID() };
  const [inResponseTo, nextMessageId] = [toTurn(token, name), toTurn(next.token, name)];
  return { holder: { kind: "client", inResponseTo, nextMessageId } as const, next };
}

const reject: RadiusAnswer = { kind: "reject" };

function ofSelection(channel: "sms" | "voice", result: SelectChannelResult, next: RadiusState): RadiusAnswer {
  const challenge = { kind: "challenge", state: next } as const;
  if (result.ok) return { ...challenge, said: { what: channel === "sms" ? "sent" : "called" } };
  switch (result.reason) {
    case "gone":
      return reject;
    case "too_soon":
    case "send_limit":
      return { ...challenge, said: { what: result.reason, seconds: result.retryAfterSeconds } };
    default:
      return assertNever(result);
  }
}

/** @param next where the attempt goes on after a wrong try; undefined where it doesn't. */
function ofProof(result: ProveResult, next?: RadiusState): RadiusAnswer {
  if (result.ok) return { kind: "accept" };
  switch (result.reason) {
    case "gone":
    case "failed":
      return reject;
    case "wrong":
    case "mistyped":
      return next === undefined ? reject : { kind: "challenge", state: next, said: { what: "wrong" } };
    case "throttled":
      return { kind: "reject", said: { what: "throttled", seconds: result.retryAfterSeconds } };
    default:
      return assertNever(result);
  }
}

/** Answers a password that came without a `State`: it begins an attempt. */
async function begin(
  ctx: Context,
  { name, password, nas }: AccessRequest,
  wish: Wish,
): Promise<RadiusAnswer> {
  const token = randomUUID();
  const input: BeginAttemptInput = beginAttemptInput.parse({
    door: "authn_api",
    subjectName: name,
    application: nas || null,
    messageId: toTurn(token, name),
  });
  if (wish.kind === "prove" && wish.method === "access_code")
    return ofProof((await beginAndProve(ctx, input, password)).result);
  const state = { attemptId: (await beginAttempt(ctx, input)).attemptId, token };
  switch (wish.kind) {
    case "ask":
      return { kind: "challenge", state, said: { what: "asked" } };
    case "send":
      return goOn(ctx, name, password, wish, state);
    case "prove": {
      const [{ attemptId }, { holder }] = [state, takeTurn(state, name)];
      return ofProof(await proveAttempt(ctx, { attemptId, holder, method: wish.method, value: password }));
    }
  }
}

/** Answers what was typed in an attempt that is open. */
async function goOn(
  ctx: Context,
  name: string,
  password: string,
  wish: Wish,
  state: RadiusState,
): Promise<RadiusAnswer> {
  const { attemptId } = state;
  const { holder, next } = takeTurn(state, name);
  if (wish.kind === "send")
    return ofSelection(
      wish.channel,
      await selectChannel(ctx, { attemptId, holder, channel: wish.channel }),
      next,
    );
  const method = wish.kind === "ask" ? "access_code" : wish.method;
  return ofProof(await proveAttempt(ctx, { attemptId, holder, method, value: password }), next);
}

async function answer(ctx: Context, asked: AccessRequest): Promise<RadiusAnswer> {
  if (asked.name.trim() === "") return reject;
  const wish = toWish(asked.password);
  if (wish.kind !== "prove" && asked.isTunnelled) return reject;
  if (asked.state === undefined) return begin(ctx, asked, wish);
  const state = parseState(asked.state);
  return state === undefined ? reject : goOn(ctx, asked.name, asked.password, wish, state);
}

async function authenticate(
  request: Parsed<typeof radiusDoor.operations.authenticate>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = request.body;
  const { status, body } = toReply(await answer(toRadiusContext(request, asked), asked), request.query.lang);
  return reply.code(status).send(body);
}

/**
 * The door for FreeRADIUS, `/radius/v1/authenticate`: an Access-Request with a password in it, as rlm_rest sends it, by a client
 * key of the Authentication API. 204 accepts, 200 is an Access-Challenge, 401 rejects; whatever else rejects too.
 *
 * @see docs/radius/README.md; RFC 2865, 4.4 and 5.24; limits, last section
 */
export async function radius(app: FastifyInstance): Promise<void> {
  await guardRsaDoor(app, async (request) => {
    const key = request.headers["client-key"];
    const result = await authenticateClientKey(
      toContext(request, { kind: "user" }),
      typeof key === "string" ? key : undefined,
    );
    return result.ok ? result.client : undefined;
  });
  serve(app, radiusDoor.operations.authenticate, authenticate);
}
