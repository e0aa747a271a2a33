import { createPrivateKey, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { SignJWT } from "jose";

/** What a door answered: the status, and the body where it is JSON. */
export interface Answer<Body> {
  status: number;
  retryAfter: string | null;
  body: Body;
}

/** The part of an Authentication API answer that callers look at. */
export interface AuthnBody {
  context?: { authnAttemptId: string; messageId: string; inResponseTo?: string };
  attemptResponseCode?: "SUCCESS" | "FAIL" | "ERROR" | "CHALLENGE" | "IN_PROCESS";
  attemptReasonCode?: string;
  credentialValidationResults?: { methodId: string; methodResponseCode: string }[];
}

/** The methods, as the Authentication API names them. */
export type MethodId = "EMERGENCY_TOKENCODE" | "SMS" | "VOICE";

async function post(url: string, init: RequestInit): Promise<Answer<never>> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(40_000) });
  const text = await response.text();
  let body: unknown;
  try {
    body = text === "" ? undefined : JSON.parse(text);
  } catch {
    body = text;
  }
  return { status: response.status, retryAfter: response.headers.get("retry-after"), body: body as never };
}

/** A credential of the Authentication API, as messages carry it. */
export function toCredentials(methodId: MethodId, value?: string) {
  return [
    {
      methodId,
      versionId: "1.0.0",
      collectedInputs: [{ name: methodId, ...(value === undefined ? {} : { value }), dataType: "STRING" }],
    },
  ];
}

/** A relying system that calls the Authentication API with the demo's client key. */
export function relyingSystem(baseUrl: string, folder: string) {
  const key = readFileSync(path.join(folder, "clients", "authn-client-key.txt"), "utf8").trim();
  const call = (what: string, message: object): Promise<Answer<AuthnBody>> =>
    post(`${baseUrl}/mfa/v1_1/authn/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json", "client-key": key },
      body: JSON.stringify(message),
    });
  return {
    key,
    initialize: (subjectName: string, credentials?: object) =>
      call("initialize", {
        clientId: "proof",
        subjectName,
        context: { messageId: randomUUID() },
        ...(credentials === undefined ? {} : { subjectCredentials: credentials }),
      }),
    verify: (last: AuthnBody, credentials: object) =>
      call("verify", {
        subjectCredentials: credentials,
        context: {
          authnAttemptId: last.context?.authnAttemptId,
          messageId: randomUUID(),
          inResponseTo: last.context?.messageId,
        },
      }),
  };
}

/** What `PUT …/emergencyTokencode` answers. */
export interface TokencodeBody {
  emergencyTokencodeId: string;
  emergencyTokencode: string;
}

/** A script that calls the Cloud Administration API with the demo's key of the integration role. */
export function script(baseUrl: string, folder: string) {
  const file = JSON.parse(readFileSync(path.join(folder, "clients", "admin-api.key.json"), "utf8")) as {
    accessID: string;
    accessKey: string;
    adminRestApiUrl: string;
  };
  const key = createPrivateKey(file.accessKey);
  let token: Promise<string> | undefined;
  const authorization = async () => {
    token ??= new SignJWT()
      .setProtectedHeader({ alg: "RS256" })
      .setSubject(file.accessID)
      .setAudience(file.adminRestApiUrl)
      .setIssuedAt()
      .setExpirationTime("50m")
      .sign(key);
    return { authorization: `Bearer ${await token}`, "content-type": "application/json" };
  };
  return {
    authorization,
    issue: async (userId: string): Promise<Answer<TokencodeBody>> =>
      post(`${baseUrl}/AdminInterface/restapi/v2/users/${userId}/emergencyTokencode`, {
        method: "PUT",
        headers: await authorization(),
        body: JSON.stringify({ oneTimeUse: true }),
      }),
    revoke: async (userId: string, codeId: string): Promise<Answer<unknown>> =>
      post(`${baseUrl}/AdminInterface/restapi/v1/users/${userId}/emergencyTokencode/${codeId}`, {
        method: "DELETE",
        headers: await authorization(),
      }),
  };
}
