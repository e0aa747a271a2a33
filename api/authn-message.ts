import type { AttemptChannel, AttemptMethod } from "@/lib/authn/model";

/** RSA's names of the methods (rest, 2). */
export type MethodId = "EMERGENCY_TOKENCODE" | "SMS" | "VOICE";

/** RSA's name of each of our methods. */
export const methodIds: Readonly<Record<AttemptMethod, MethodId>> = {
  access_code: "EMERGENCY_TOKENCODE",
  sms: "SMS",
  voice: "VOICE",
};

/** Our method of one of RSA's names; undefined where there is none. */
export function findMethod(methodId: string): AttemptMethod | undefined {
  const name = methodId.toUpperCase();
  return (Object.keys(methodIds) as AttemptMethod[]).find((method) => methodIds[method] === name);
}

/** What a caller sends to be verified. */
export interface SubjectCredential {
  methodId: string;
  collectedInputs?: { name?: string; value?: string }[] | null;
}

/** `initialize`, after the schema. */
export interface InitializeBody {
  clientId?: string;
  subjectName: string;
  context: { messageId: string };
  authnAttemptTimeout?: number | null;
  assurancePolicyId?: string | null;
  sessionAttributes?: unknown[] | null;
  subjectCredentials?: SubjectCredential[] | null;
  keepAttempt?: boolean | null;
}

/** `verify`, after the schema. */
export interface VerifyBody {
  subjectCredentials: SubjectCredential[];
  context: { authnAttemptId: string; messageId: string; inResponseTo: string };
}

/** `status`, after the schema. */
export interface StatusBody {
  authnAttemptId: string;
}

/** `cancel`, after the schema. */
export interface CancelBody {
  authnAttemptId: string;
  reason: "USER_ACTION" | "TIME_OUT";
  context?: { messageId?: string } | null;
}

const noNul = "^[^\\u0000]*$";
const text = (maxLength: number, minLength = 0) => ({ type: "string", minLength, maxLength, pattern: noNul });
const optional = (schema: object) => ({ ...schema, nullable: true });

const credentials = {
  type: "array",
  maxItems: 10,
  items: {
    type: "object",
    required: ["methodId"],
    properties: {
      methodId: text(64, 1),
      collectedInputs: {
        type: "array",
        nullable: true,
        maxItems: 10,
        items: {
          type: "object",
          properties: { name: optional(text(64)), value: optional({ type: "string", maxLength: 256 }) },
        },
      },
    },
  },
};

/** Of unknown fields nothing is kept, so that a deep or large one costs its parsing only. */
const sessionAttributes = {
  type: "array",
  nullable: true,
  maxItems: 50,
  items: {
    type: "object",
    additionalProperties: false,
    properties: {
      name: optional({ type: "string", maxLength: 200 }),
      value: optional({ type: "string", maxLength: 1000 }),
      dataType: optional({ type: "string", maxLength: 64 }),
    },
  },
};

/** JSON schemas of what callers send: lenient about types and extra fields, strict about lengths (rest, introduction). */
export const requestSchemas = {
  initialize: {
    type: "object",
    required: ["subjectName", "context"],
    properties: {
      clientId: optional(text(200)),
      subjectName: { ...text(320, 1), pattern: "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$" },
      authnAttemptTimeout: { type: "number", nullable: true },
      assurancePolicyId: optional(text(200)),
      keepAttempt: { type: "boolean", nullable: true },
      sessionAttributes,
      subjectCredentials: optional(credentials),
      context: { type: "object", required: ["messageId"], properties: { messageId: text(200) } },
    },
  },
  verify: {
    type: "object",
    required: ["subjectCredentials", "context"],
    properties: {
      subjectCredentials: { ...credentials, minItems: 1 },
      context: {
        type: "object",
        required: ["authnAttemptId", "messageId", "inResponseTo"],
        properties: { authnAttemptId: text(200), messageId: text(200), inResponseTo: text(200) },
      },
    },
  },
  status: {
    type: "object",
    required: ["authnAttemptId"],
    properties: { authnAttemptId: text(200) },
  },
  cancel: {
    type: "object",
    required: ["authnAttemptId", "reason"],
    properties: {
      authnAttemptId: text(200),
      reason: { type: "string", enum: ["USER_ACTION", "TIME_OUT"] },
      context: {
        type: "object",
        nullable: true,
        properties: { messageId: optional(text(200)) },
      },
    },
  },
} as const;

/** What an attempt or a method has come to. */
export type ResponseCode = "SUCCESS" | "FAIL" | "ERROR" | "CHALLENGE" | "IN_PROCESS";

/** Why. */
export type ReasonCode = "AUTHENTICATION_REQUIRED" | "CREDENTIAL_VERIFIED" | "VERIFY_ERROR";

/** The answer of `initialize`, `verify` and `cancel`. */
export interface AuthnMessage {
  context: { authnAttemptId: string; messageId: string; inResponseTo: string | null };
  credentialValidationResults: {
    methodId: MethodId;
    methodResponseCode: ResponseCode;
    methodReasonCode: ReasonCode;
    authnAttributes: never[];
  }[];
  attemptResponseCode: ResponseCode;
  attemptReasonCode: ReasonCode;
  challengeMethods: { challenges: Challenge[] };
}

interface Challenge {
  methodSetId: string | null;
  requiredMethods: {
    methodId: MethodId;
    displayName: string;
    priority: number;
    versions: {
      versionId: string;
      methodAttributes: never[];
      valueRequired: boolean;
      referenceId: string | null;
      prompt: Prompt;
    }[];
  }[];
}

interface Prompt {
  promptResourceId: string;
  defaultText: string;
  formatRegex: string | null;
  defaultValue: string | null;
  valueBeingDefined: boolean;
  sensitive: boolean;
  minLength: number | null;
  maxLength: number | null;
  promptArgs: never[];
}

const shown: Readonly<
  Record<AttemptMethod, { displayName: string; defaultText: string; lengths: [number, number] }>
> = {
  access_code: {
    displayName: "Emergency Tokencode",
    defaultText: "Enter your Emergency Tokencode:",
    lengths: [8, 64],
  },
  sms: {
    displayName: "SMS Tokencode",
    defaultText: "Enter the code from the text message:",
    lengths: [6, 16],
  },
  voice: { displayName: "Voice Tokencode", defaultText: "Enter the code from the call:", lengths: [6, 16] },
};

function toChallenge(method: AttemptMethod, valueRequired: boolean, priority: number): Challenge {
  const methodId = methodIds[method];
  const { displayName, defaultText, lengths } = shown[method];
  return {
    methodSetId: null,
    requiredMethods: [
      {
        methodId,
        displayName,
        priority,
        versions: [
          {
            versionId: "1.0.0",
            methodAttributes: [],
            valueRequired,
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
  };
}

/**
 * The challenges that everyone is offered: each enabled method by itself, in the order in which they are preferred. A text or
 * call is first selected without a value; once it was, its value is what is asked for.
 */
export function toChallenges(
  offered: readonly AttemptMethod[],
  selected: AttemptChannel | null,
): Challenge[] {
  return offered.map((method, place) =>
    toChallenge(method, method === "access_code" || method === selected, 100 - 10 * place),
  );
}

const string = { type: "string" };
const nullableString = { type: "string", nullable: true };
const integer = { type: "integer", nullable: true };
const object = (properties: Record<string, object>) => ({ type: "object", properties });
const list = (items: object) => ({ type: "array", items });

/** The JSON schema that the answers of `initialize`, `verify` and `cancel` are written by. */
export const messageSchema = object({
  context: object({ authnAttemptId: string, messageId: string, inResponseTo: nullableString }),
  credentialValidationResults: list(
    object({
      methodId: string,
      methodResponseCode: string,
      methodReasonCode: string,
      authnAttributes: list(string),
    }),
  ),
  attemptResponseCode: string,
  attemptReasonCode: string,
  challengeMethods: object({
    challenges: list(
      object({
        methodSetId: nullableString,
        requiredMethods: list(
          object({
            methodId: string,
            displayName: string,
            priority: integer,
            versions: list(
              object({
                versionId: string,
                methodAttributes: list(string),
                valueRequired: { type: "boolean" },
                referenceId: nullableString,
                prompt: object({
                  promptResourceId: string,
                  defaultText: string,
                  formatRegex: nullableString,
                  defaultValue: nullableString,
                  valueBeingDefined: { type: "boolean" },
                  sensitive: { type: "boolean" },
                  minLength: integer,
                  maxLength: integer,
                  promptArgs: list(string),
                }),
              }),
            ),
          }),
        ),
      }),
    ),
  }),
});
