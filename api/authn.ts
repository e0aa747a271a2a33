import "server-only";
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { beginAttempt } from "@/lib/authn/begin";
import { beginAndProve } from "@/lib/authn/begin-and-prove";
import { cancelAttempt } from "@/lib/authn/cancel";
import { collectStatus } from "@/lib/authn/collect-status";
import type { BeginAttemptInput } from "@/lib/authn/input";
import {
  type AttemptChannel,
  type AttemptMethod,
  attemptSeconds,
  clampAttemptSeconds,
} from "@/lib/authn/model";
import { listOfferedMethods } from "@/lib/authn/offer";
import { type ProveResult, proveAttempt } from "@/lib/authn/prove";
import { type SelectChannelResult, selectChannel } from "@/lib/authn/select-channel";
import { authenticateAccessToken, isAccessToken } from "@/lib/clients/authenticate-access-token";
import { authenticateClientKey } from "@/lib/clients/authenticate-secret";
import type { Context } from "@/lib/platform/context";
import { assertNever } from "@/lib/platform/outcome";
import {
  type AuthnMessage,
  findMethod,
  type MethodId,
  methodIds,
  type ReasonCode,
  type ResponseCode,
  toChallenges,
} from "./authn-message";
import { isUuid, readBearer, toClientContext } from "./client";
import { toContext } from "./context";
import { authnDoor, messageSchema } from "./reference/authn";
import { toJsonSchema } from "./reference/json-schema";
import { guardRsaDoor, sendProblem } from "./rsa";
import { type Parsed, serve } from "./serve";

const operations = authnDoor.operations;
type Asked<Name extends keyof typeof operations> = Parsed<(typeof operations)[Name]>;
type SubjectCredential = Asked<"verify">["body"]["subjectCredentials"][number];

/** What came of a credential, in RSA's words. */
interface Verdict {
  method: [MethodId, ResponseCode, ReasonCode] | null;
  attempt: [ResponseCode, ReasonCode];
  selected: AttemptChannel | null;
  retryAfterSeconds?: number | undefined;
}

const open: [ResponseCode, ReasonCode] = ["CHALLENGE", "AUTHENTICATION_REQUIRED"];
const asked: Verdict = { method: null, attempt: open, selected: null };
const failed: Verdict = { method: null, attempt: ["ERROR", "VERIFY_ERROR"], selected: null };

function ofSelection(methodId: MethodId, channel: AttemptChannel, result: SelectChannelResult): Verdict {
  if (result.ok) return { method: [methodId, ...open], attempt: open, selected: channel };
  switch (result.reason) {
    case "gone":
      return failed;
    case "too_soon":
    case "send_limit":
      return {
        ...asked,
        method: [methodId, "FAIL", "VERIFY_ERROR"],
        retryAfterSeconds: result.retryAfterSeconds,
      };
    default:
      return assertNever(result);
  }
}

function ofProof(methodId: MethodId, result: ProveResult): Verdict {
  if (result.ok) {
    const verified: [ResponseCode, ReasonCode] = ["SUCCESS", "CREDENTIAL_VERIFIED"];
    return { method: [methodId, ...verified], attempt: verified, selected: null };
  }
  const wrong: [MethodId, ResponseCode, ReasonCode] = [methodId, "FAIL", "VERIFY_ERROR"];
  switch (result.reason) {
    case "gone":
      return failed;
    case "failed":
      return { method: wrong, attempt: ["FAIL", "VERIFY_ERROR"], selected: null };
    case "wrong":
    case "throttled":
      return { ...asked, method: wrong, retryAfterSeconds: result.retryAfterSeconds };
    case "mistyped":
      return { ...asked, method: wrong };
    default:
      return assertNever(result);
  }
}

/** What somebody presents: one of our methods and its value, empty where a text or a call is asked for. */
interface Presented {
  method: AttemptMethod;
  value: string;
}

/** Parses a credential; undefined where its method is none of ours. */
function parseCredential({ collectedInputs, methodId }: SubjectCredential): Presented | undefined {
  const method = findMethod(methodId);
  if (method === undefined) return undefined;
  const inputs = collectedInputs ?? [];
  const named = inputs.find(({ name }) => name?.toUpperCase() === methodId.toUpperCase()) ?? inputs[0];
  return { method, value: named?.value ?? "" };
}

interface Turn {
  attemptId: string;
  inResponseTo: string;
  nextMessageId: string;
}

/** Judges what is presented, or sends the text or call that is asked for. */
async function verify(
  ctx: Context,
  { method, value }: Presented,
  { attemptId, inResponseTo, nextMessageId }: Turn,
): Promise<Verdict> {
  const holder = { kind: "client", inResponseTo, nextMessageId } as const;
  if (method !== "access_code" && value.trim() === "")
    return ofSelection(
      methodIds[method],
      method,
      await selectChannel(ctx, { attemptId, holder, channel: method }),
    );
  return ofProof(methodIds[method], await proveAttempt(ctx, { attemptId, holder, method, value }));
}

async function answer(
  reply: FastifyReply,
  context: AuthnMessage["context"],
  verdict: Verdict,
): Promise<AuthnMessage> {
  const [attemptResponseCode, attemptReasonCode] = verdict.attempt;
  if (verdict.retryAfterSeconds !== undefined) reply.header("retry-after", String(verdict.retryAfterSeconds));
  return {
    context,
    credentialValidationResults:
      verdict.method === null
        ? []
        : [
            {
              methodId: verdict.method[0],
              methodResponseCode: verdict.method[1],
              methodReasonCode: verdict.method[2],
              authnAttributes: [],
            },
          ],
    attemptResponseCode,
    attemptReasonCode,
    challengeMethods: {
      challenges:
        attemptResponseCode === "CHALLENGE" ? toChallenges(await listOfferedMethods(), verdict.selected) : [],
    },
  };
}

const unknownMethod = "/subjectCredentials names a method that is not offered";

async function initialize(
  request: Asked<"initialize">,
  reply: FastifyReply,
): Promise<AuthnMessage | FastifyReply> {
  const { body } = request;
  const [credential] = body.subjectCredentials ?? [];
  const presented = credential && parseCredential(credential);
  if (credential !== undefined && presented === undefined) return sendProblem(reply, 400, unknownMethod);
  const ctx = toClientContext(request);
  const messageId = randomUUID();
  const seconds = body.authnAttemptTimeout ?? 0;
  const input: BeginAttemptInput = {
    door: "authn_api",
    subjectName: body.subjectName,
    application: body.clientId ?? null,
    timeoutSeconds: seconds > 0 ? clampAttemptSeconds(seconds) : attemptSeconds.default,
    keepAttempt: body.keepAttempt ?? false,
    sessionAttributes: JSON.stringify({
      authnPolicyId: body.assurancePolicyId ?? null,
      sessionAttributes: body.sessionAttributes ?? [],
    }),
    messageId,
  };
  const { attemptId, verdict } = await begin(ctx, input, presented, messageId);
  return answer(
    reply,
    { authnAttemptId: attemptId, messageId, inResponseTo: body.context.messageId },
    verdict,
  );
}

/** Begins an attempt, and judges what was presented with it. */
async function begin(
  ctx: Context,
  input: BeginAttemptInput,
  presented: Presented | undefined,
  messageId: string,
): Promise<{ attemptId: string; verdict: Verdict }> {
  if (presented?.method === "access_code") {
    const { attemptId, result } = await beginAndProve(ctx, input, presented.value);
    return { attemptId, verdict: ofProof("EMERGENCY_TOKENCODE", result) };
  }
  const { attemptId } = await beginAttempt(ctx, input);
  if (presented === undefined) return { attemptId, verdict: asked };
  const turn = { attemptId, inResponseTo: messageId, nextMessageId: messageId };
  return { attemptId, verdict: await verify(ctx, presented, turn) };
}

async function verifyNext(
  request: Asked<"verify">,
  reply: FastifyReply,
): Promise<AuthnMessage | FastifyReply> {
  const { subjectCredentials, context } = request.body;
  const [credential] = subjectCredentials;
  const presented = credential && parseCredential(credential);
  if (presented === undefined) return sendProblem(reply, 400, unknownMethod);
  const messageId = randomUUID();
  const verdict = isUuid(context.authnAttemptId)
    ? await verify(toClientContext(request), presented, {
        attemptId: context.authnAttemptId,
        inResponseTo: context.inResponseTo,
        nextMessageId: messageId,
      })
    : failed;
  return answer(
    reply,
    { authnAttemptId: context.authnAttemptId, messageId, inResponseTo: context.messageId },
    verdict,
  );
}

async function cancel(request: Asked<"cancel">, reply: FastifyReply): Promise<AuthnMessage> {
  const { authnAttemptId, reason, context } = request.body;
  const cancelled = isUuid(authnAttemptId)
    ? await cancelAttempt(toClientContext(request), {
        attemptId: authnAttemptId,
        holder: { kind: "owner" },
        reason: reason === "TIME_OUT" ? "time_out" : "user_action",
      })
    : undefined;
  return answer(
    reply,
    { authnAttemptId, messageId: randomUUID(), inResponseTo: context?.messageId ?? null },
    cancelled?.ok ? { ...asked, attempt: ["FAIL", "AUTHENTICATION_REQUIRED"] } : failed,
  );
}

const kept = z.object({ authnPolicyId: z.string().nullable(), sessionAttributes: z.array(z.unknown()) });

async function status(request: Asked<"status">): Promise<object> {
  const { authnAttemptId } = request.body;
  const result = isUuid(authnAttemptId)
    ? await collectStatus(toClientContext(request), { attemptId: authnAttemptId })
    : undefined;
  if (!result?.ok)
    return {
      attemptResponseCode: "ERROR",
      attemptReasonCode: "VERIFY_ERROR",
      subjectName: null,
      authnPolicyId: null,
      sessionAttributes: [],
      successfulMethods: [],
      attemptExpires: null,
    };
  const { state, subjectName, method, sessionAttributes, expiresAt } = result.attempt;
  const [attemptResponseCode, attemptReasonCode] = codesOf[state];
  return {
    attemptResponseCode,
    attemptReasonCode,
    subjectName,
    ...kept.parse(JSON.parse(sessionAttributes)),
    successfulMethods: method === null ? [] : [methodIds[method]],
    attemptExpires: expiresAt.toISOString(),
  };
}

const codesOf: Readonly<
  Record<"open" | "succeeded" | "failed" | "cancelled" | "expired", [ResponseCode, ReasonCode]>
> = {
  open,
  succeeded: ["SUCCESS", "CREDENTIAL_VERIFIED"],
  failed: ["FAIL", "VERIFY_ERROR"],
  cancelled: ["FAIL", "AUTHENTICATION_REQUIRED"],
  expired: ["FAIL", "AUTHENTICATION_REQUIRED"],
};

/**
 * The Authentication API, `/mfa/v1_1/authn/…` (rest, 2): a relying system asks us to authenticate a user.
 *
 * Every answer about an attempt is a 200 whose codes say what came of it. 400: a message that can't be read or lacks a field.
 * 403: a key that opens nothing. 413, 415, 429 as they say; 500 and 503 without a reason. `Retry-After` also stands on a 200
 * where a name has to wait. An ended key works for 3 s at most, in other instances than the one that ended it.
 */
export async function authn(app: FastifyInstance): Promise<void> {
  await guardRsaDoor(app, async (request) => {
    const [origin, token] = [toContext(request, { kind: "user" }), readBearer(request)];
    const key = request.headers["client-key"];
    const result =
      key === undefined && isAccessToken(token)
        ? await authenticateAccessToken(origin, token, { needed: "rsa.mfa.authn" })
        : await authenticateClientKey(origin, typeof key === "string" ? key : undefined);
    return result.ok ? result.client : undefined;
  });
  const written = { schema: { response: { 200: toJsonSchema(messageSchema, "output") } } };
  serve(app, operations.initialize, initialize, written);
  serve(app, operations.verify, verifyNext, written);
  serve(app, operations.cancel, cancel, written);
  serve(app, operations.status, status);
}
