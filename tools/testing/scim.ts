import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
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

export const coreUrn = "urn:ietf:params:scim:schemas:core:2.0:User";
export const enterpriseUrn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const groupUrn = "urn:ietf:params:scim:schemas:core:2.0:Group";

/** A PATCH of these operations. */
export const patch = (...Operations: unknown[]) => ({
  schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
  Operations,
});

/** A directory that writes to the SCIM door. */
export interface ScimDirectory {
  readonly token: string;
  /** What the log knows it by. */
  readonly clientId: string;
  /** Calls the door by its token; a `body` that is no string is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ScimAnswer>;
  /** Brings in a user of a new login, with `more` besides or instead. */
  make(more?: object): Promise<{ id: string; userName: string; etag: string }>;
  /** The users that fit a filter. */
  findBy(filter: string): Promise<ScimAnswer>;
}

/** Gives this test file a directory with a token of its own. Call after `openDoors`. */
export function openScim(doors: Doors, callsPerSecond?: number): ScimDirectory {
  let made = { token: "", id: "" };
  beforeAll(async () => {
    made = await makeScimToken(callsPerSecond);
  });
  const call: ScimDirectory["call"] = (method, path, body, headers) =>
    callScim(doors, made.token, method, path, body, headers);
  return {
    get token() {
      return made.token;
    },
    get clientId() {
      return made.id;
    },
    call,
    async make(more = {}) {
      const userName = newLogin();
      const answer = await call("POST", "/Users", { schemas: [coreUrn], userName, ...more });
      if (answer.status !== 201) throw new Error(`no user: ${JSON.stringify(answer.body)}`);
      return { id: answer.body.id, userName, etag: answer.headers.get("etag") ?? "" };
    },
    findBy: (filter) => call("GET", `/Users?filter=${encodeURIComponent(filter)}`),
  };
}
