import "server-only";
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { describeUser } from "@/lib/authn/describe-user";
import { authenticateAccessToken, isAccessToken } from "@/lib/clients/authenticate-access-token";
import { authenticateLegacyKey } from "@/lib/clients/authenticate-legacy-key";
import { type Issued, type IssueResult, issueGrant } from "@/lib/grants/issue";
import { revokeAccessCode } from "@/lib/grants/revoke-code";
import type { Context } from "@/lib/platform/context";
import { assertNever } from "@/lib/platform/outcome";
import type { Uses } from "@/lib/policy/model";
import { addActs } from "./admin-acts";
import { addLogs } from "./admin-logs";
import { readExpiry, toConfigurations, toIssued, unitSeconds } from "./admin-message";
import { type OfUser, sendUserNotFound } from "./admin-request";
import { addSearches } from "./admin-search";
import { toUserObject } from "./admin-user";
import { isUuid, readBearer, toClientContext } from "./client";
import { toContext } from "./context";
import { adminDoor } from "./reference/admin";
import { guardRsaDoor, sendForbidden, sendProblem, sendTooMany } from "./rsa";
import { type Parsed, serve } from "./serve";

const { issueV1: v1, issueV2: v2, revoke: revokeOne, revokeLive, lookUp: lookup } = adminDoor.operations;

function sayDuration(seconds: number): string {
  const hours = seconds / unitSeconds.hours;
  return Number.isInteger(hours) ? `${hours} hours` : `${Math.floor(seconds / 60)} minutes`;
}

/** Answers why nothing was issued. */
function sendIssueRefusal(
  request: FastifyRequest<OfUser>,
  reply: FastifyReply,
  refusal: Exclude<IssueResult, { ok: true }>,
): FastifyReply {
  const { id } = request.params;
  switch (refusal.reason) {
    case "user_not_found":
      return sendUserNotFound(reply, id);
    case "yourself":
    case "privileged":
      return sendForbidden(request, reply);
    case "user_disabled":
      return sendProblem(reply, 400, `User ${id} is disabled`);
    case "window_too_long": {
      const whose = {
        company: "of the company",
        issuer: "of this key's role",
        short_code: "of a short code",
      };
      const longest = sayDuration(refusal.windowSecondsMax);
      return sendProblem(
        reply,
        400,
        `The expiry is too long: the ceiling ${whose[refusal.ceiling]} is ${longest}`,
      );
    }
    case "window_too_short":
      return sendProblem(reply, 400, `The expiry is too short: at least ${refusal.windowSecondsMin} seconds`);
    case "uses_off":
      return sendProblem(reply, 400, "The policy doesn't allow a code that can be used more than once");
    case "form_off":
    case "method_off":
    case "no_number":
    case "number_held":
    case "country":
    case "number_barred":
    case "too_soon":
    case "send_limit":
    case "budget":
    case "step_up_needed":
      return sendProblem(reply, 400, `The policy gives user ${id} no emergency tokencode`);
    case "already_issued":
    case "changed_meanwhile":
      return sendProblem(reply, 409, "Another emergency tokencode was issued at the same moment");
    case "issuing_stopped":
      return sendProblem(reply, 409, "Issuing is stopped until an owner has looked");
    case "busy":
      return sendTooMany(reply, 1);
    default:
      return assertNever(refusal);
  }
}

/** Issues a standard code, or of the form that the policy has instead, in place of whichever is live. */
async function issue(
  ctx: Context,
  userId: string,
  wanted: { windowSeconds?: number; uses?: Uses },
): Promise<IssueResult> {
  const input = {
    userId,
    method: "access_code",
    reason: "other",
    replaces: "any",
    ...wanted,
  } as const;
  const issued = await issueGrant(ctx, { ...input, form: "standard", formId: randomUUID() });
  return !issued.ok && issued.reason === "form_off"
    ? issueGrant(ctx, { ...input, formId: randomUUID() })
    : issued;
}

async function issueFor(
  request: FastifyRequest<OfUser>,
  reply: FastifyReply,
  wanted: { windowSeconds?: number; uses?: Uses },
  toAnswer: (issued: Issued) => object,
): Promise<FastifyReply> {
  const { id } = request.params;
  if (!isUuid(id)) return sendUserNotFound(reply, id);
  const issued = await issue(toClientContext(request), id, wanted);
  return issued.ok ? reply.send(toAnswer(issued)) : sendIssueRefusal(request, reply, issued);
}

async function issueV1(
  request: Parsed<typeof v1, OfUser["Params"]>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const windowSeconds = request.body.expirationDays * unitSeconds.days;
  return issueFor(request, reply, { windowSeconds }, toIssued);
}

async function issueV2(
  request: Parsed<typeof v2, OfUser["Params"]>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { body } = request;
  const expiry = readExpiry(body);
  if (expiry === null)
    return sendProblem(
      reply,
      400,
      "expiryUnit (days, hours or minutes) and expiryValue stand together, from 1 minute to 7 days",
    );
  const { oneTimeUse } = body;
  return issueFor(
    request,
    reply,
    {
      ...(expiry === undefined ? {} : { windowSeconds: expiry.value * unitSeconds[expiry.unit] }),
      ...(oneTimeUse === undefined ? {} : { uses: oneTimeUse ? "once" : "reusable" }),
    },
    (issued) => ({ ...toIssued(issued), ...toConfigurations(issued, expiry) }),
  );
}

async function revoke(
  request: FastifyRequest<{ Params: { id: string; codeId?: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id, codeId } = request.params;
  if (!isUuid(id)) return sendUserNotFound(reply, id);
  const unknownCode = () => sendProblem(reply, 404, `Emergency tokencode ${codeId} not found`);
  if (codeId !== undefined && !isUuid(codeId)) return unknownCode();
  const result = await revokeAccessCode(toClientContext(request), { userId: id, grantId: codeId ?? null });
  if (result.ok) return reply.code(200).send();
  switch (result.reason) {
    case "user_not_found":
      return sendUserNotFound(reply, id);
    case "code_not_found":
      return unknownCode();
    default:
      return assertNever(result);
  }
}

async function lookUp(request: Parsed<typeof lookup>, reply: FastifyReply): Promise<FastifyReply> {
  const email = request.body.email || undefined;
  const username = request.body.username || undefined;
  if (email === undefined && username === undefined)
    return sendProblem(reply, 400, "Either email or username must be given");
  const result = await describeUser(toClientContext(request), { email, username });
  return result.ok ? reply.send(toUserObject(result.user)) : sendUserNotFound(reply, email ?? username ?? "");
}

/**
 * The Cloud Administration API, `/AdminInterface/restapi/…` (rest, 1): a script does what the console does, by the same verbs.
 *
 * With a legacy key, or an access token of an OAuth client. `{id}` is our user id, which the look-up tells.
 * A key's role sets how long a code may live: 24 hours for `helpdesk`, 7 days for `integration`, and the company's ceiling and
 * lock above both.
 */
export async function admin(app: FastifyInstance): Promise<void> {
  await guardRsaDoor(app, async (request) => {
    const [origin, token] = [toContext(request, { kind: "user" }), readBearer(request)];
    const result = isAccessToken(token)
      ? await authenticateAccessToken(origin, token)
      : await authenticateLegacyKey(origin, token);
    return result.ok ? result.client : undefined;
  });
  serve(app, v1, issueV1);
  serve(app, v2, issueV2);
  serve(app, revokeOne, revoke);
  serve(app, revokeLive, revoke);
  serve(app, lookup, lookUp);
  addSearches(app);
  addActs(app);
  addLogs(app);
}
