import { createPrivateKey, type KeyObject } from "node:crypto";
import { SignJWT } from "jose";
import { createClient } from "@/lib/clients/create";
import type { ClientRole, ClientView, KeyFile } from "@/lib/clients/model";
import { staffContext } from "./database";

/** Makes a legacy key of `role`; answers the file that its holder gets, too. */
export async function makeLegacyKey(
  role: ClientRole = "integration",
  callsPerSecond = 1000,
): Promise<{ client: ClientView; keyFile: KeyFile }> {
  const name = `a ${role} script`;
  const made = await createClient(staffContext("owner"), { kind: "legacy_key", name, role, callsPerSecond });
  if (!made.ok || made.kind !== "legacy_key") throw new Error("no key");
  return made;
}

/** Signs a token as RSA's tools do by a key file; `claims` stand in place of the right ones, undefined takes one away. */
export function signLegacyToken(
  { accessID, accessKey, adminRestApiUrl }: KeyFile,
  claims: Record<string, unknown> = {},
  { alg = "RS256", key }: { alg?: string; key?: KeyObject | Uint8Array } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ sub: accessID, aud: adminRestApiUrl, iat: now, exp: now + 3600, ...claims })
    .setProtectedHeader({ alg })
    .sign(key ?? createPrivateKey(accessKey));
}

/** A token by a new legacy key of `role`. */
export async function makeLegacyToken(role: ClientRole, callsPerSecond?: number): Promise<string> {
  return signLegacyToken((await makeLegacyKey(role, callsPerSecond)).keyFile);
}
