import { z } from "zod";
import { hasTurningMarks } from "@/lib/platform/turning-marks";
import { codeForms, methods, usesKinds } from "@/lib/policy/model";
import { grantReasons, grantStates, revokeReasons } from "./model";

/** Control characters but tab and line feed: they hide what a note says, as turning marks do. */
const hiding = /[^\P{Cc}\t\n]/u;

const writing = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .refine((text) => !hiding.test(text) && !hasTurningMarks(text), "control characters are not allowed")
    .transform((text) => text.normalize("NFC").trim());

const optionalWriting = (lengthMax: number) =>
  writing(lengthMax)
    .transform((text) => (text === "" ? undefined : text))
    .optional();

/** What `issueGrant` takes. */
export const issueGrantInput = z
  .strictObject({
    userId: z.uuid(),
    method: z.enum(methods),
    /** The form of an access code; the policy's first where it is left out. */
    form: z.enum(codeForms).optional(),
    /** The policy's default where it is left out; the bounds are the policy's too. */
    windowSeconds: z.int().optional(),
    uses: z.enum(usesKinds).optional(),
    reason: z.enum(grantReasons),
    reasonNote: optionalWriting(500),
    ticket: optionalWriting(80),
    /** The id that the form or the call carries: the same one never issues twice. */
    formId: z.string().regex(/^[\w-]{8,64}$/),
    /** The live grant of this method that the issuer was looking at, null for none, or `any`: replace whichever is live. */
    replaces: z.union([z.uuid(), z.null(), z.literal("any")]),
    /** Of a standard access code: the machine that it should open without a network, before all others. */
    machineId: z.uuid().optional(),
    /** Of SMS and voice: send the first code in the same act. */
    sendNow: z.boolean().optional(),
  })
  .refine((wish) => wish.method === "access_code" || wish.form === undefined, {
    path: ["form"],
    message: "is of access codes",
  })
  .refine((wish) => wish.method === "access_code" || wish.machineId === undefined, {
    path: ["machineId"],
    message: "is of access codes",
  })
  .refine((wish) => wish.method !== "access_code" || wish.sendNow !== true, {
    path: ["sendNow"],
    message: "an access code is never sent",
  });

/** A wish to issue a grant. */
export type IssueGrantInput = z.output<typeof issueGrantInput>;

/** What `sendAgain` takes. */
export const sendAgainInput = z.strictObject({ grantId: z.uuid() });

/** A wish to send another text, or to call once more. */
export type SendAgainInput = z.output<typeof sendAgainInput>;

/** What `revokeGrant` takes. */
export const revokeGrantInput = z.strictObject({
  grantId: z.uuid(),
  reason: z.enum(revokeReasons),
});

/** A wish to revoke one grant. */
export type RevokeGrantInput = z.output<typeof revokeGrantInput>;

/** What `endEmergencyAccess` takes. */
export const endEmergencyAccessInput = z.strictObject({
  userId: z.uuid(),
  reason: z.enum(revokeReasons),
});

/** A wish to end all emergency access of a user. */
export type EndEmergencyAccessInput = z.output<typeof endEmergencyAccessInput>;

/** A wish to disable or enable a user. */
export interface SetUserStatusInput {
  userId: string;
  isDisabled: boolean;
}

/** What `seeThefts` takes. */
export const seeTheftsInput = z.strictObject({ userId: z.uuid() });

/** Whose thefts somebody looked at. */
export type SeeTheftsInput = z.output<typeof seeTheftsInput>;

/** What `listGrants` takes; also what a list's URL says. */
export const listGrantsInput = z.strictObject({
  method: z.enum(methods).optional(),
  state: z.enum(grantStates).optional(),
  reason: z.enum(grantReasons).optional(),
  userId: z.uuid().optional(),
  /** The id of the staff member or client who issued. */
  issuerId: z
    .string()
    .min(1)
    .max(100)
    .refine((text) => !text.includes("\0"))
    .optional(),
  /** Created at or after. */
  from: z.date().optional(),
  /** Created before. */
  to: z.date().optional(),
  /** From the page before. */
  cursor: z.string().max(200).optional(),
  limit: z.int().min(1).max(100).default(50),
});

/** A wish to list grants. */
export type ListGrantsInput = z.input<typeof listGrantsInput>;

/** A wish to export grants. */
export type ExportGrantsInput = Omit<ListGrantsInput, "cursor" | "limit">;
