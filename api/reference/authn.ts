import { z } from "zod";
import { anyText, flag, optional, text } from "./lenient";
import { type Door, operation, type Security } from "./operation";
import { problems } from "./problems";
import { sample } from "./sample";

const security: Security = [{ clientKey: [] }, { oauth: ["rsa.mfa.authn"] }];

const notEmpty = String.raw`^[^\u0000]+$`;
const notBlank = String.raw`^[^\u0000]*[^\s\u0000][^\u0000]*$`;

/** RSA's names of the methods (rest, 2). */
export const methodIdSchema = z.enum(["EMERGENCY_TOKENCODE", "SMS", "VOICE"]);
const responseCode = z.enum(["SUCCESS", "FAIL", "ERROR", "CHALLENGE", "IN_PROCESS"]);
const reasonCode = z.enum(["AUTHENTICATION_REQUIRED", "CREDENTIAL_VERIFIED", "VERIFY_ERROR"]);

const some = z.string().nullable();
const none = z.array(z.string());
const count = z.int().nullable();

const prompt = z.object({
  promptResourceId: z.string(),
  defaultText: z.string(),
  formatRegex: some,
  defaultValue: some,
  valueBeingDefined: z.boolean(),
  sensitive: z.boolean(),
  minLength: count,
  maxLength: count,
  promptArgs: none,
});
const version = z.object({
  versionId: z.string(),
  methodAttributes: none,
  valueRequired: z.boolean().describe("false: send it without a value first, which selects it."),
  referenceId: some,
  prompt,
});
const requiredMethod = z.object({
  methodId: methodIdSchema,
  displayName: z.string(),
  priority: z.int(),
  versions: z.array(version),
});
const challenge = z.object({ methodSetId: some, requiredMethods: z.array(requiredMethod) });

/** The answer of `initialize`, `verify` and `cancel` (rest, 2). */
export const messageSchema = z
  .object({
    context: z.object({
      authnAttemptId: z.string(),
      messageId: z.string().describe("What the next message’s `inResponseTo` must be."),
      inResponseTo: some.describe("The `messageId` of the request."),
    }),
    credentialValidationResults: z.array(
      z.object({
        methodId: methodIdSchema,
        methodResponseCode: responseCode,
        methodReasonCode: reasonCode,
        authnAttributes: none,
      }),
    ),
    attemptResponseCode: responseCode,
    attemptReasonCode: reasonCode,
    challengeMethods: z.object({ challenges: z.array(challenge).describe("Empty unless `CHALLENGE`.") }),
  })
  .meta({ id: "AuthnMessage" });

const statusSchema = z.object({
  attemptResponseCode: responseCode,
  attemptReasonCode: reasonCode,
  subjectName: some,
  authnPolicyId: some,
  sessionAttributes: z.array(z.unknown()),
  successfulMethods: z.array(methodIdSchema),
  attemptExpires: z.iso.datetime({ precision: 3 }).nullable(),
});

const credential = z.object({
  methodId: text(64, notEmpty).describe("In any case."),
  versionId: optional(z.unknown()),
  referenceId: optional(z.unknown()),
  collectedInputs: optional(
    z
      .array(
        z.object({
          name: optional(text(64)),
          value: optional(anyText(256)),
          dataType: optional(z.unknown()),
        }),
      )
      .max(10),
  ).describe("The one named like the method counts, else the first."),
});

/** Of unknown fields nothing is kept, so that a deep or large one costs its parsing only. */
const sessionAttributes = z
  .array(
    z.object({
      name: optional(anyText(200)),
      value: optional(anyText(1000)),
      dataType: optional(anyText(64)),
    }),
  )
  .max(50);

const notUsed = optional(z.unknown()).describe("Taken and not used.");
const messageId = text(200);

const told = { 200: { description: "What came of it.", schema: messageSchema } };

const offered = (
  methodId: string,
  displayName: string,
  defaultText: string,
  place: number,
  lengths: number[],
) => ({
  methodSetId: null,
  requiredMethods: [
    {
      methodId,
      displayName,
      priority: 100 - 10 * place,
      versions: [
        {
          versionId: "1.0.0",
          methodAttributes: [],
          valueRequired: methodId === "EMERGENCY_TOKENCODE",
          referenceId: null,
          prompt: {
            promptResourceId: `${methodId}.Prompt`,
            defaultText,
            formatRegex: null,
            defaultValue: null,
            valueBeingDefined: false,
            sensitive: true,
            minLength: lengths[0],
            maxLength: lengths[1],
            promptArgs: [],
          },
        },
      ],
    },
  ],
});
const challenges = [
  offered("SMS", "SMS Tokencode", "Enter the code from the text message:", 0, [6, 16]),
  offered("VOICE", "Voice Tokencode", "Enter the code from the call:", 1, [6, 16]),
  offered("EMERGENCY_TOKENCODE", "Emergency Tokencode", "Enter your Emergency Tokencode:", 2, [8, 64]),
];
const asked = { attemptResponseCode: "CHALLENGE", attemptReasonCode: "AUTHENTICATION_REQUIRED" };
const answered = (inResponseTo: string) => ({
  authnAttemptId: sample.attemptId,
  messageId: sample.messageId,
  inResponseTo,
});
const withCode = [
  {
    methodId: "EMERGENCY_TOKENCODE",
    collectedInputs: [{ name: "EMERGENCY_TOKENCODE", value: sample.code }],
  },
];

/** The Authentication API (rest, 2). */
export const authnDoor = {
  name: "Authentication API",
  path: "/mfa/v1_1/authn",
  about:
    "How a protected resource (a VPN, a portal) has a user authenticated, in the shape of RSA’s interface of that name. Every answer about an attempt is a 200 whose codes say what came of it: `CHALLENGE` goes on, `SUCCESS` and `FAIL` end it, `ERROR` is a message out of turn, or of an attempt that is over, unknown or another client’s. An unknown user is asked the same as anyone, and fails. Numbers and truth values may be strings, unknown fields and a slash at the end do no harm. 64 KiB a body.",
  security,
  takes: ["application/json"],
  gives: "application/json",
  ...problems,
  operations: {
    initialize: operation({
      id: "initializeAuthn",
      method: "post",
      path: "/initialize",
      summary: "Begin an attempt",
      description:
        "Answers what everyone is offered: all methods that the policy hasn’t switched off for all. One credential may come along, and is judged in the same call. `Retry-After` stands on a 200 where a name has to wait.",
      body: z.object({
        clientId: optional(text(200)).describe("The application that the user signs in to."),
        subjectName: text(320, notBlank).describe("Any login name, or an e-mail address."),
        context: z.object({ messageId }),
        authnAttemptTimeout: optional(
          z.preprocess((value) => (typeof value === "string" ? Number(value) : value), z.number()),
        ).describe("Seconds, taken as 30 to 900; 600 where none, or none above 0, are said."),
        keepAttempt: optional(flag).describe("Whether `status` answers."),
        subjectCredentials: optional(z.array(credential).max(10)),
        sessionAttributes: optional(sessionAttributes).describe("`status` gives them back."),
        assurancePolicyId: optional(text(200)).describe("`status` gives it back."),
        assuranceLevel: notUsed,
        authMethodId: notUsed,
        clientDetails: notUsed,
        lang: notUsed,
      }),
      answers: told,
      examples: {
        begin: {
          summary: "Begin",
          body: { clientId: "vpn", subjectName: "ada.lovelace", context: { messageId: "1" } },
          status: 200,
          answer: {
            context: answered("1"),
            credentialValidationResults: [],
            ...asked,
            challengeMethods: { challenges },
          },
        },
        atOnce: {
          summary: "Begin and prove in one call",
          body: {
            clientId: "vpn",
            subjectName: "ada.lovelace",
            context: { messageId: "1" },
            subjectCredentials: withCode,
          },
          status: 200,
          answer: {
            context: answered("1"),
            credentialValidationResults: [
              {
                methodId: "EMERGENCY_TOKENCODE",
                methodResponseCode: "SUCCESS",
                methodReasonCode: "CREDENTIAL_VERIFIED",
                authnAttributes: [],
              },
            ],
            attemptResponseCode: "SUCCESS",
            attemptReasonCode: "CREDENTIAL_VERIFIED",
            challengeMethods: { challenges: [] },
          },
        },
        noName: {
          summary: "Without a name",
          body: { context: { messageId: "1" } },
          status: 400,
          answer: {
            code: "400 BAD_REQUEST",
            description: "/subjectName: Invalid input: expected string, received undefined",
          },
        },
      },
    }),
    verify: operation({
      id: "verifyAuthn",
      method: "post",
      path: "/verify",
      summary: "Prove, or select a method",
      description:
        "`SMS` and `VOICE` without a value select: a text or a call goes out where the user has a live grant. With a value they are judged, also without a selection before: the desk may have sent the first text. A wrong access code may be tried 5 times in an attempt, an OTP as often after each selection as the policy says, 3 times by default. From the 5th wrong code in a row a name has to wait at this client; then `Retry-After` stands on the answer. A message is taken once; `inResponseTo` is the `messageId` of our last answer, also after a wrong code.",
      body: z.object({
        subjectCredentials: z.array(credential).min(1).max(10).describe("The first one counts."),
        context: z.object({ authnAttemptId: text(200), messageId, inResponseTo: text(200) }),
      }),
      answers: told,
      examples: {
        right: {
          summary: "The right code",
          body: {
            context: { authnAttemptId: sample.attemptId, messageId: "2", inResponseTo: sample.messageId },
            subjectCredentials: withCode,
          },
          status: 200,
          answer: {
            context: answered("2"),
            credentialValidationResults: [
              {
                methodId: "EMERGENCY_TOKENCODE",
                methodResponseCode: "SUCCESS",
                methodReasonCode: "CREDENTIAL_VERIFIED",
                authnAttributes: [],
              },
            ],
            attemptResponseCode: "SUCCESS",
            attemptReasonCode: "CREDENTIAL_VERIFIED",
            challengeMethods: { challenges: [] },
          },
        },
        wrong: {
          summary: "A wrong code",
          body: {
            context: { authnAttemptId: sample.attemptId, messageId: "2", inResponseTo: sample.messageId },
            subjectCredentials: [
              { methodId: "EMERGENCY_TOKENCODE", collectedInputs: [{ value: "02R8-6JQC-V4MN-9T5M" }] },
            ],
          },
          status: 200,
          answer: {
            context: answered("2"),
            credentialValidationResults: [
              {
                methodId: "EMERGENCY_TOKENCODE",
                methodResponseCode: "FAIL",
                methodReasonCode: "VERIFY_ERROR",
                authnAttributes: [],
              },
            ],
            ...asked,
            challengeMethods: { challenges },
          },
        },
        select: {
          summary: "A text, please",
          body: {
            context: { authnAttemptId: sample.attemptId, messageId: "2", inResponseTo: sample.messageId },
            subjectCredentials: [{ methodId: "SMS", collectedInputs: [{ name: "SMS", value: "" }] }],
          },
          status: 200,
          answer: {
            context: answered("2"),
            credentialValidationResults: [
              {
                methodId: "SMS",
                methodResponseCode: "CHALLENGE",
                methodReasonCode: "AUTHENTICATION_REQUIRED",
                authnAttributes: [],
              },
            ],
            ...asked,
            challengeMethods: {
              challenges: challenges.map((each) => ({
                ...each,
                requiredMethods: each.requiredMethods.map((method) => ({
                  ...method,
                  versions: method.versions.map((one) => ({
                    ...one,
                    valueRequired: one.valueRequired || method.methodId === "SMS",
                  })),
                })),
              })),
            },
          },
        },
      },
    }),
    status: operation({
      id: "readAuthnStatus",
      method: "post",
      path: "/status",
      summary: "Ask what became of an attempt",
      description:
        "For attempts that were begun with `keepAttempt: true`: while they are open as often as asked, afterwards once.",
      body: z.object({ authnAttemptId: text(200), removeAttemptId: notUsed }),
      answers: { 200: { description: "What it has come to.", schema: statusSchema } },
      examples: {
        unknown: {
          summary: "One that isn’t kept",
          body: { authnAttemptId: "nonsense" },
          status: 200,
          answer: {
            attemptResponseCode: "ERROR",
            attemptReasonCode: "VERIFY_ERROR",
            subjectName: null,
            authnPolicyId: null,
            sessionAttributes: [],
            successfulMethods: [],
            attemptExpires: null,
          },
        },
      },
    }),
    cancel: operation({
      id: "cancelAuthn",
      method: "post",
      path: "/cancel",
      summary: "Give an attempt up",
      body: z.object({
        authnAttemptId: text(200),
        reason: z.enum(["USER_ACTION", "TIME_OUT"]),
        removeAttemptId: notUsed,
        context: optional(z.object({ messageId: optional(text(200)) })),
      }),
      answers: told,
      examples: {
        user: {
          summary: "The user gave up",
          body: { authnAttemptId: sample.attemptId, reason: "USER_ACTION" },
          status: 200,
          answer: {
            context: { authnAttemptId: sample.attemptId, messageId: sample.messageId, inResponseTo: null },
            credentialValidationResults: [],
            attemptResponseCode: "FAIL",
            attemptReasonCode: "AUTHENTICATION_REQUIRED",
            challengeMethods: { challenges: [] },
          },
        },
      },
    }),
  },
} satisfies Door;
