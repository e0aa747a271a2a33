import { type KeyObject, randomUUID } from "node:crypto";
import { exportJWK, SignJWT } from "jose";
import { createClient } from "@/lib/clients/create";
import { makeKeyPair } from "@/lib/platform/key-pair";
import type { OauthScope } from "@/lib/staff/scopes";
import { staffContext } from "./database";
import type { DoorAnswer, Doors } from "./doors";

/** An OAuth client with the private half of its key. */
export interface TestOauthClient {
  id: string;
  clientId: string;
  alg: "ES256" | "RS256";
  privateKey: KeyObject;
}

/** Makes an OAuth client that is allowed `scopes`. */
export async function makeOauthClient(
  scopes: readonly OauthScope[],
  { alg = "ES256", callsPerSecond = 1000 }: { alg?: "ES256" | "RS256"; callsPerSecond?: number } = {},
): Promise<TestOauthClient> {
  const { publicKey, privateKey } = await makeKeyPair(alg === "ES256" ? "p256" : "rsa");
  const made = await createClient(staffContext("owner"), {
    kind: "oauth",
    name: "an OAuth client",
    scopes: [...scopes],
    publicKey: { ...(await exportJWK(publicKey)) },
    callsPerSecond,
  });
  if (!made.ok || made.client.accessId === null) throw new Error("no client");
  return { id: made.client.id, clientId: made.client.accessId, alg, privateKey };
}

/** The issuer of the environment of tests. */
export const testIssuer = "http://localhost:3000/oauth";

/** Signs an assertion as the client would; `claims` stand in place of the right ones, undefined takes one away. */
export function signAssertion(
  client: TestOauthClient,
  claims: Record<string, unknown> = {},
  header: { alg?: string; key?: CryptoKey | KeyObject | Uint8Array } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: client.clientId,
    sub: client.clientId,
    aud: `${testIssuer}/token`,
    iat: now,
    exp: now + 300,
    jti: randomUUID(),
    ...claims,
  })
    .setProtectedHeader({ alg: header.alg ?? client.alg })
    .sign(header.key ?? client.privateKey);
}

/** Asks the token endpoint; `fields` stand in place of the right ones, undefined takes one away. */
export async function askToken(
  doors: Doors,
  client: TestOauthClient,
  fields: Record<string, string | undefined> = {},
): Promise<DoorAnswer> {
  const form = {
    grant_type: "client_credentials",
    client_id: client.clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: fields.client_assertion ?? (await signAssertion(client)),
    ...fields,
  };
  const body = new URLSearchParams(
    Object.entries(form).filter((field): field is [string, string] => field[1] !== undefined),
  );
  return doors.call("POST", "/oauth/token", {
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: body.toString(),
  });
}

/** An access token for all that the client is allowed, or for `scope`. */
export async function getToken(doors: Doors, client: TestOauthClient, scope?: string): Promise<string> {
  const { status, body } = await askToken(doors, client, scope === undefined ? {} : { scope });
  if (status !== 200) throw new Error(`no token: ${status}`);
  return body.access_token;
}
