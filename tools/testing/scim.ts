import { randomUUID } from "node:crypto";
import { createClient } from "@/lib/clients/create";
import { staffContext } from "./database";
import type { Doors } from "./doors";

/** What the SCIM door answered. */
export interface ScimAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape.
  body: any;
}

/** Makes a directory's token. */
export async function makeScimToken(callsPerSecond = 10_000): Promise<{ token: string; id: string }> {
  const made = await createClient(staffContext("owner"), { kind: "scim", name: "Entra", callsPerSecond });
  if (!made.ok || made.kind !== "scim") throw new Error("no token");
  return { token: made.token, id: made.client.id };
}

/** Calls the SCIM door as a directory does; a `body` that is no string is sent as JSON. */
export async function callScim(
  doors: Doors,
  token: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<ScimAnswer> {
  const answer = await doors.call(method, `/scim/v2${path}`, {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json", ...headers },
    body,
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: answer.text === "" ? undefined : JSON.parse(answer.text),
  };
}

/** A login that nobody has. */
export const newLogin = () => `u${randomUUID().slice(0, 8)}@contoso.example`;
