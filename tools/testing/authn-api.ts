import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
import { createClient } from "@/lib/clients/create";
import { staffContext } from "./database";
import type { DoorAnswer, Doors } from "./doors";

/** What names an attempt, and its newest message. */
interface Said {
  authnAttemptId: string;
  messageId: string;
}

/** A relying system that speaks the Authentication API. */
export interface AuthnApi {
  readonly key: string;
  /** What the log knows it by. */
  readonly keyId: string;
  post(call: string, body: unknown, headers?: Record<string, string>): Promise<DoorAnswer>;
  /** Begins an attempt for a name, with `more` fields besides. */
  initialize(subjectName: string, more?: object): Promise<DoorAnswer>;
  /** Answers the message `said` by a method, with a value or to select it. */
  verify(said: Said, methodId: string, value?: string | number): Promise<DoorAnswer>;
}

/** Makes a key of the Authentication API. */
export async function makeClientKey(callsPerSecond = 1000): Promise<{ key: string; id: string }> {
  const made = await createClient(staffContext("owner"), { kind: "client_key", name: "vpn", callsPerSecond });
  if (!made.ok || made.kind !== "client_key") throw new Error("no key");
  return { key: made.clientKey, id: made.client.id };
}

/** A credential as a message holds it; without a value it selects the method. */
export const credential = (methodId: string, value?: string | number) => [
  {
    methodId,
    versionId: "1.0.0",
    referenceId: null,
    collectedInputs: value === undefined ? [] : [{ name: methodId, value, dataType: "STRING" }],
  },
];

/** Gives this test file a relying system with a key of its own. Call after `openDoors`. */
export function openAuthnApi(doors: Doors): AuthnApi {
  let made = { key: "", id: "" };
  beforeAll(async () => {
    made = await makeClientKey();
  });
  const post: AuthnApi["post"] = (call, body, headers = { "client-key": made.key }) =>
    doors.call("POST", `/mfa/v1_1/authn/${call}`, { headers, body });
  return {
    get key() {
      return made.key;
    },
    get keyId() {
      return made.id;
    },
    post,
    initialize: (subjectName, more = {}) =>
      post("initialize", {
        clientId: "vpn",
        subjectName,
        context: { authnAttemptId: "", messageId: "m-1", inResponseTo: "" },
        ...more,
      }),
    verify: ({ authnAttemptId, messageId: inResponseTo }, methodId, value) =>
      post("verify", {
        subjectCredentials: credential(methodId, value),
        context: { authnAttemptId, messageId: `m-${randomUUID()}`, inResponseTo },
      }),
  };
}

/** How an answer tells the attempt, and each method, stands. */
export const outcome = (body: {
  attemptResponseCode: string;
  attemptReasonCode: string;
  credentialValidationResults: { methodResponseCode: string; methodReasonCode: string }[];
}): string[] => [
  body.attemptResponseCode,
  body.attemptReasonCode,
  ...body.credentialValidationResults.flatMap((result) => [
    result.methodResponseCode,
    result.methodReasonCode,
  ]),
];

export const asked = ["CHALLENGE", "AUTHENTICATION_REQUIRED"];
export const wrong = [...asked, "FAIL", "VERIFY_ERROR"];
export const success = ["SUCCESS", "CREDENTIAL_VERIFIED", "SUCCESS", "CREDENTIAL_VERIFIED"];

/** A well-formed code of nobody: its check symbol is right. */
export const wrongCode = "0000-0000-0000-0000";
