import { z } from "zod";
import { hasTurningMarks } from "@/lib/platform/turning-marks";
import { roles } from "./model";
import { PASSWORD_LENGTH_MAX } from "./password-rule";

const clean = (text: string) => !/\p{Cc}/u.test(text) && !hasTurningMarks(text);

const email = z.string().trim().max(254).pipe(z.email());
const name = z.string().trim().min(1).max(120).refine(clean);
const password = z.string().min(1).max(PASSWORD_LENGTH_MAX);
/** A credential id: bytes in base64url. */
const credentialId = z.string().regex(/^[\w-]{1,2000}$/);
const token = z.string().regex(/^[\w-]{43}$/);
const staffId = z.uuid();
const directoryId = z
  .string()
  .trim()
  .max(200)
  .refine(clean)
  .transform((text) => (text === "" ? null : text));
const timeZone = z
  .string()
  .max(64)
  .transform((text) => (text === "" ? null : text))
  .refine((zone) => {
    if (zone === null) return true;
    try {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  });

/** A return path as it came in; narrowed by `toReturnPath` where it is used. */
const returnPath = z.string().max(2000).optional();

/** What a browser answers to a WebAuthn question; judged by the library, here only bounded. */
const webauthnResponse = z
  .object({
    id: credentialId,
    rawId: credentialId,
    type: z.literal("public-key"),
    response: z.record(z.string(), z.unknown()),
    clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
    authenticatorAttachment: z.string().max(40).nullish(),
  })
  .refine((value) => JSON.stringify(value).length < 20_000);

export const signInInput = z.object({
  email: z.string().max(254).refine(clean),
  password,
  return: returnPath,
});
export const totpInput = z.object({
  code: z
    .string()
    .transform((text) => text.replace(/\s/g, ""))
    .pipe(z.string().regex(/^\d{6}$/)),
  return: returnPath,
});
export const passkeyInput = z.object({ response: webauthnResponse, return: returnPath });
export const passkeyRegistrationInput = z.object({
  response: webauthnResponse,
  name: z.string().trim().max(60).refine(clean),
});
export const oidcInput = z.object({ return: returnPath });
export const linkInput = z.object({ token, password });
export const setupInput = z.object({
  code: z
    .string()
    .max(60)
    .transform((text) => text.toUpperCase().replace(/[^A-Z2-7]/g, "")),
  email,
  name,
  password,
});
export const inviteInput = z.object({
  email,
  name,
  role: z.enum(roles),
  userDirectoryId: directoryId.default(null),
});
export const changeStaffInput = z.object({
  staffId,
  name: name.optional(),
  role: z.enum(roles).optional(),
  userDirectoryId: directoryId.optional(),
});
export const staffIdInput = z.object({ staffId });
export const sessionIdInput = z.object({ staffId, sessionId: z.uuid() });
export const ownSessionInput = z.object({ sessionId: z.uuid() });
export const changePasswordInput = z.object({
  current: z.string().max(PASSWORD_LENGTH_MAX).default(""),
  password,
});
export const passkeyIdInput = z.object({ passkeyId: credentialId });
export const settingsInput = z.object({ language: z.enum(["en", "de"]), timeZone });
export const nothingInput = z.unknown().transform(() => ({}));
