import "server-only";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AttemptMethod } from "@/lib/authn/model";
import { unlockMethods } from "@/lib/authn/unlock";
import { type ChangePhonesResult, changePhones } from "@/lib/delivery/change-phones";
import { maskPhone } from "@/lib/directory/phone";
import { setUserStatus } from "@/lib/grants/set-user-status";
import { assertNever } from "@/lib/platform/outcome";
import { hasPermission } from "@/lib/staff/permission";
import { type OfUser, sendUserNotFound } from "./admin-request";
import { toE123 } from "./admin-user";
import { isUuid, toClientContext } from "./client";
import { adminActs } from "./reference/admin-acts";
import { sendForbidden, sendProblem } from "./rsa";
import { type Parsed, serve } from "./serve";

type OfOne<Op> = Parsed<Op, OfUser["Params"]>;

async function putStatus(
  request: OfOne<typeof adminActs.putStatus>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  const { body } = request;
  if (!isUuid(id)) return sendUserNotFound(reply, id);
  const input = { userId: id, isDisabled: body.userStatus === "Disabled" };
  const result = await setUserStatus(toClientContext(request), input);
  if (result.ok) return reply.send({ id, userStatus: body.userStatus });
  switch (result.reason) {
    case "user_not_found":
      return sendUserNotFound(reply, id);
    case "yourself":
      return sendForbidden(request, reply);
    case "namesake":
      return sendProblem(reply, 409, "Another user goes by this user's login or e-mail address");
    default:
      return assertNever(result.reason);
  }
}

const methodOf = { TOKEN: "access_code", SMS: "sms", VOICE: "voice" } as const satisfies Record<
  string,
  AttemptMethod
>;

async function patchMethods(
  request: OfOne<typeof adminActs.patchMethods>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  if (!isUuid(id)) return sendUserNotFound(reply, id);
  const methods = request.body.unlockMethods.map((method) => methodOf[method]);
  const result = await unlockMethods(toClientContext(request), { userId: id, methods });
  if (result.ok) {
    const { access_code, sms, voice } = result.locks;
    return reply.send({
      id,
      isTokenLocked: access_code,
      isSmsLocked: sms,
      isVoiceLocked: voice,
      isFingerprintLocked: false,
      isApproveLocked: false,
    });
  }
  switch (result.reason) {
    case "user_not_found":
      return sendUserNotFound(reply, id);
    case "yourself":
      return sendForbidden(request, reply);
    default:
      return assertNever(result.reason);
  }
}

const fieldOf = { sms: "smsNumber", voice: "voiceNumber" } as const;
/** "" clears. */
const toNumber = (text: string | undefined) => (text === "" ? null : text);

async function patchPhones(
  request: OfOne<typeof adminActs.patchPhones>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  const { body } = request;
  if (!isUuid(id)) return sendUserNotFound(reply, id);
  const numbers = { sms: toNumber(body.smsNumber), voice: toNumber(body.voiceNumber) };
  const ctx = toClientContext(request);
  const result = await changePhones(ctx, { userId: id, numbers });
  if (!result.ok) return sendPhoneRefusal(request, reply, result);
  const told = (channel: "sms" | "voice") => {
    const e164 = result.numbers[channel];
    const maySee = numbers[channel] !== undefined || hasPermission(ctx.actor, "phone:read");
    return toE123(e164 === null || maySee ? e164 : maskPhone(e164));
  };
  return reply.send({ smsNumber: told("sms"), voiceNumber: told("voice") });
}

function sendPhoneRefusal(
  request: FastifyRequest<OfUser>,
  reply: FastifyReply,
  refusal: Exclude<ChangePhonesResult, { ok: true }>,
): FastifyReply {
  const field = fieldOf[refusal.channel];
  switch (refusal.reason) {
    case "user_not_found":
      return sendUserNotFound(reply, request.params.id);
    case "yourself":
      return sendForbidden(request, reply);
    case "no_number":
      return sendProblem(reply, 400, `${field} must be + with the country's code and a number, no extension`);
    case "landline":
      return sendProblem(reply, 400, `${field} is a landline, which takes no texts`);
    case "country":
      return sendProblem(reply, 400, `The policy doesn't allow the country of ${field}`);
    case "number_barred":
      return sendProblem(reply, 400, `${field} is a premium number or one of the internet`);
    default:
      return assertNever(refusal.reason);
  }
}

/** The calls that change a user: enable and disable, unlock methods, phone numbers (rest, 1). */
export function addActs(app: FastifyInstance): void {
  serve(app, adminActs.putStatus, putStatus);
  serve(app, adminActs.patchMethods, patchMethods);
  serve(app, adminActs.patchPhones, patchPhones);
}
