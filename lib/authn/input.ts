import { z } from "zod";
import { methods } from "@/lib/policy/model";
import { attemptSeconds, clampAttemptSeconds, subjectNameLengthMax } from "./model";

const attemptId = z.uuid();
const secret = z.string().min(1).max(100);
const browser = z.object({ kind: z.literal("browser"), secret });
const client = z.object({
  kind: z.literal("client"),
  inResponseTo: z.string().max(200),
  nextMessageId: z.string().min(1).max(200),
});
const holder = z.discriminatedUnion("kind", [browser, client]);
const ender = z.discriminatedUnion("kind", [browser, z.object({ kind: z.literal("owner") })]);

/** A sign-in name as it may be typed: 1 to 320 characters that aren't all white space. Control characters match nobody. */
const subjectName = z
  .string()
  .max(subjectNameLengthMax)
  .refine((name) => name.trim() !== "");

/** What `beginAttempt` takes. */
export const beginAttemptInput = z.object({
  door: z.enum(["otp_page", "authn_api"]),
  subjectName,
  /** What the caller calls itself, shown in the log. */
  application: z.string().max(200).nullable().default(null),
  /** For how long it is open, in seconds; what is beyond the bounds is brought within. */
  timeoutSeconds: z.number().transform(clampAttemptSeconds).default(attemptSeconds.default),
  /** Whether `collectStatus` will answer. */
  keepAttempt: z.boolean().default(false),
  /** JSON of what the caller wants to hear again from `collectStatus`; 8 KB at most. */
  sessionAttributes: z.string().max(8192).default("[]"),
  /** Of a relying system: the id of our first message. */
  messageId: z.string().min(1).max(200).nullable().default(null),
});
export type BeginAttemptInput = z.output<typeof beginAttemptInput>;

/** What `selectChannel` takes. */
const selectChannelInput = z.object({ attemptId, holder, channel: z.enum(["sms", "voice"]) });
export type SelectChannelInput = z.infer<typeof selectChannelInput>;

/**
 * What `proveAttempt` takes; `value` is an OTP or an access code, as typed. `otp`: by text or call, for doors that don't know which.
 */
const proveAttemptInput = z.object({
  attemptId,
  holder,
  method: z.enum(["sms", "voice", "otp", "access_code"]),
  value: z.string().max(256),
});
export type ProveAttemptInput = z.infer<typeof proveAttemptInput>;

/** What `cancelAttempt` takes. */
const cancelAttemptInput = z.object({
  attemptId,
  holder: ender,
  reason: z.enum(["user_action", "time_out"]),
});
export type CancelAttemptInput = z.infer<typeof cancelAttemptInput>;

/** What `readAttempt` takes. */
const readAttemptInput = z.object({ attemptId, holder: browser });
export type ReadAttemptInput = z.infer<typeof readAttemptInput>;

const consumeAttemptInput = z.object({ attemptId, holder: browser, application: z.string().max(200) });
/** What `consumeAttempt` takes. */
export type ConsumeAttemptInput = z.infer<typeof consumeAttemptInput>;

/** What `unlockMethods` takes. */
export const unlockMethodsInput = z.strictObject({
  userId: z.uuid(),
  methods: z.array(z.enum(methods)).min(1).max(20),
});
export type UnlockMethodsInput = z.output<typeof unlockMethodsInput>;

/** What `searchDescribed` takes. `pageSize` 1 to 25, `pageNumber` from 0. */
const searchDescribedInput = z.strictObject({
  emailLike: z.string().min(1).max(subjectNameLengthMax),
  pageSize: z.int().min(1).max(25),
  pageNumber: z.int().min(0).max(10_000_000),
});
export type SearchDescribedInput = z.output<typeof searchDescribedInput>;
