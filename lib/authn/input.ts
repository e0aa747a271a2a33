import { z } from "zod";
import { methods } from "@/lib/policy/model";
import {
  type AttemptChannel,
  type AttemptHolder,
  type AttemptMethod,
  attemptSeconds,
  clampAttemptSeconds,
  subjectNameLengthMax,
} from "./model";

/** Whoever goes on with an attempt in turn. */
type Holder = Exclude<AttemptHolder, { kind: "owner" }>;

/** The browser that an attempt was begun in. */
type BrowserHolder = Extract<AttemptHolder, { kind: "browser" }>;

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
export interface SelectChannelInput {
  attemptId: string;
  holder: Holder;
  channel: AttemptChannel;
}

/** What `proveAttempt` takes. */
export interface ProveAttemptInput {
  attemptId: string;
  holder: Holder;
  /** `otp`: by text or call, for doors that don't know which. */
  method: AttemptMethod | "otp";
  /** An OTP or an access code, as typed. */
  value: string;
}

/** What `cancelAttempt` takes. */
export interface CancelAttemptInput {
  attemptId: string;
  holder: Exclude<AttemptHolder, { kind: "client" }>;
  reason: "user_action" | "time_out";
}

/** What `readAttempt` takes. */
export interface ReadAttemptInput {
  attemptId: string;
  holder: BrowserHolder;
}

/** What `consumeAttempt` takes. */
export interface ConsumeAttemptInput {
  attemptId: string;
  holder: BrowserHolder;
  application: string;
}

/** What `unlockMethods` takes. */
export const unlockMethodsInput = z.strictObject({
  userId: z.uuid(),
  methods: z.array(z.enum(methods)).min(1).max(20),
});
export type UnlockMethodsInput = z.output<typeof unlockMethodsInput>;

/** What `searchDescribed` takes. */
export interface SearchDescribedInput {
  emailLike: string;
  pageSize: number;
  /** From 0. */
  pageNumber: number;
}
