import type { z } from "zod";
import type { AttemptChannel, AttemptMethod } from "@/lib/authn/model";
import type { messageSchema, methodIdSchema } from "./reference/authn";

/** RSA's names of the methods (rest, 2). */
export type MethodId = z.output<typeof methodIdSchema>;

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

/** The answer of `initialize`, `verify` and `cancel`. */
export type AuthnMessage = z.output<typeof messageSchema>;

/** What an attempt or a method has come to. */
export type ResponseCode = AuthnMessage["attemptResponseCode"];

/** Why. */
export type ReasonCode = AuthnMessage["attemptReasonCode"];

type Challenge = AuthnMessage["challengeMethods"]["challenges"][number];

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
