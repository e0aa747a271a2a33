import { z } from "zod";
import { operation, type Security } from "./operation";
import { sample } from "./sample";

const params = { id: "The `id` of the look-up’s answer." };
const managed: Security = [{ oauth: ["rsa.user.manage"] }];
const status = z.enum(["Enabled", "Disabled"]);

const number = z
  .string()
  .trim()
  .max(60)
  .nullish()
  .transform((given) => given ?? undefined);

/** The calls that change a user (rest, 1). */
export const adminActs = {
  putStatus: operation({
    id: "setUserStatus",
    method: "put",
    path: "/v1/users/{id}/userStatus",
    summary: "Enable or disable a user",
    description:
      "Who is disabled loses every live grant at once, and gets none back when enabled. The directory’s next import may enable them again. Nobody is enabled while somebody else who may sign in goes by their login or address: 409.",
    security: managed,
    params,
    body: z.strictObject({ userStatus: status }),
    answers: {
      200: { description: "As it is now.", schema: z.object({ id: z.string(), userStatus: status }) },
    },
    refusals: [404, 409],
    examples: {
      enable: {
        summary: "Enable",
        params: { id: sample.userId },
        body: { userStatus: "Enabled" },
        status: 200,
        answer: { id: sample.userId, userStatus: "Enabled" },
      },
      more: {
        summary: "More than this call takes",
        params: { id: sample.userId },
        body: { userStatus: "Enabled", locked: false },
        status: 400,
        answer: { code: "400 BAD_REQUEST", description: "The body has more than this call takes" },
      },
    },
  }),
  patchMethods: operation({
    id: "unlockMethods",
    method: "patch",
    path: "/v1/users/{id}/methods",
    summary: "Unlock methods",
    description:
      "Forgets what holds these methods back, and answers the state of all. What a code itself has counted stays, and so does the budget of the day.",
    security: [{ legacyKey: [] }, { oauth: ["rsa.user.factor.manage"] }],
    params,
    body: z.object({
      unlockMethods: z
        .array(z.enum(["TOKEN", "SMS", "VOICE"]))
        .min(1)
        .max(20),
    }),
    answers: {
      200: {
        description: "The state of all methods.",
        schema: z.object({
          id: z.string(),
          isTokenLocked: z.boolean(),
          isSmsLocked: z.boolean(),
          isVoiceLocked: z.boolean(),
          isFingerprintLocked: z.boolean(),
          isApproveLocked: z.boolean(),
        }),
      },
    },
    refusals: [404],
    examples: {
      texts: {
        summary: "Texts and calls",
        params: { id: sample.userId },
        body: { unlockMethods: ["SMS", "VOICE"] },
        status: 200,
        answer: {
          id: sample.userId,
          isTokenLocked: false,
          isSmsLocked: false,
          isVoiceLocked: false,
          isFingerprintLocked: false,
          isApproveLocked: false,
        },
      },
    },
  }),
  patchPhones: operation({
    id: "setPhones",
    method: "patch",
    path: "/v1/users/{id}",
    summary: "Set or clear phone numbers",
    description:
      "`+`, the country’s code and the number, without an extension; an empty text clears. Both change or none. A number that is set is held for 7 days: no OTP goes to it; the old one is told.",
    security: [{ oauth: ["rsa.user.manage"] }, { oauth: ["rsa.user.factor.manage"] }],
    params,
    body: z
      .object({ smsNumber: number, voiceNumber: number })
      .refine(({ smsNumber, voiceNumber }) => smsNumber !== undefined || voiceNumber !== undefined, {
        error: "smsNumber or voiceNumber must be given",
      }),
    answers: {
      200: {
        description:
          "Both numbers as they are now, null where there is none; but for the last digits hidden from who may not read numbers.",
        schema: z.object({ smsNumber: z.string().nullable(), voiceNumber: z.string().nullable() }),
      },
    },
    refusals: [404],
    examples: {
      clear: {
        summary: "Set the one for texts, clear the other",
        params: { id: sample.userId },
        body: { smsNumber: "+1 202 555 0188", voiceNumber: "" },
        status: 200,
        answer: { smsNumber: "+1 202 555 0188", voiceNumber: null },
      },
      extension: {
        summary: "An extension",
        params: { id: sample.userId },
        body: { smsNumber: "+1 202 555 0188 ext. 5" },
        status: 400,
        answer: {
          code: "400 BAD_REQUEST",
          description: "smsNumber must be + with the country's code and a number, no extension",
        },
      },
    },
  }),
};
