import { Validator } from "@seriousme/openapi-schema-validator";
import Fastify from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { findUserByName } from "@/lib/directory/store";
import { inStatement } from "@/lib/platform/transaction";
import { noteWorkerTurn } from "@/lib/platform/worker-turn";
import { oauthScopes } from "@/lib/staff/scopes";
import { seedPeople } from "@/tools/demo/people";
import { openTestDatabase } from "@/tools/testing/database";
import { type DoorAnswer, openDoors } from "@/tools/testing/doors";
import { issueCode } from "@/tools/testing/issuing";
import { getToken } from "@/tools/testing/oauth";
import {
  type Credentials,
  findUndocumented,
  makeCredentials,
  type ReferenceCall,
  referenceCalls,
  testReference,
} from "@/tools/testing/reference";
import { doors as addDoors } from "./app";
import { doors as describedDoors } from "./reference/document";
import type { Example, Operation } from "./reference/operation";
import { sample } from "./reference/sample";

openTestDatabase();
const doors = openDoors();
let credentials: Credentials;
let userId = "";
let adaId = "";

beforeAll(async () => {
  await seedPeople();
  noteWorkerTurn();
  credentials = await makeCredentials(doors);
  const idOf = async (name: string) => (await inStatement((tx) => findUserByName(tx, name)))?.id ?? "";
  [userId, adaId] = [await idOf("grace.hopper"), await idOf("ada.lovelace")];
}, 120_000);

test("what is served is a valid OpenAPI 3.1 document, to everybody", async () => {
  const { status, headers, body } = await doors.call("GET", "/docs/api/openapi.json");
  expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
  expect(body).toEqual(JSON.parse(JSON.stringify(testReference)));
  expect(await new Validator().validate(body)).toEqual({ valid: true });
  const names = referenceCalls.map(({ operation }) => operation.operationId);
  expect(names).toEqual([...new Set(names)]);
});

test("every call that a door answers stands in the reference, and no other does", async () => {
  const app = Fastify();
  const answered = new Set<string>();
  app.addHook("onRoute", ({ method, url, handler }) => {
    if (/unoffered|refuseOther/.test(handler.name)) return;
    for (const each of [method].flat())
      if (each !== "HEAD") answered.add(`${each.toLowerCase()} ${url.replaceAll(/:(\w+)/g, "{$1}")}`);
  });
  await app.register(addDoors);
  await app.ready();
  await app.close();
  const elsewhere =
    /^post \/webhooks\/vonage\/|^\w+ \/oidc\/|\/exportLogs$|^get \/docs\/api\/|\.well-known\/(openid|.*\/oauth$)/;
  const described = referenceCalls.map(({ method, path }) => `${method} ${path}`);
  expect([...answered].filter((call) => !elsewhere.test(call)).sort()).toEqual(described.sort());
});

function headersOf({ operation }: ReferenceCall): Record<string, string> {
  const schemes = operation.security.flatMap((way) => Object.keys(way));
  const shown = ["oauth", "clientKey", "scimToken", "legacyKey"].find((scheme) => schemes.includes(scheme));
  return shown === undefined ? {} : { ...credentials.headers[shown] };
}

const scim = (method: string, path: string, body?: unknown) =>
  doors.call(method, `/scim/v2${path}`, {
    headers: { ...credentials.headers.scimToken, "content-type": "application/scim+json" },
    body,
  });

/** Makes the directory's one user and no group, or nobody, so that each example finds what it speaks of. */
async function renewDirectory(withUser: boolean): Promise<string> {
  for (const kind of ["Groups", "Users"])
    for (const { id } of JSON.parse((await scim("GET", `/${kind}`)).text).Resources)
      await scim("DELETE", `/${kind}/${id}`);
  if (!withUser) return "";
  const { examples } =
    testReference.paths["/scim/v2/Users"]!.post!.requestBody!.content["application/scim+json"]!;
  return JSON.parse((await scim("POST", "/Users", examples!.user!.value)).text).id;
}

/** What stands in the place of the sample's values, made now for who needs it. */
async function prepare(call: ReferenceCall, example: Example): Promise<Record<string, string>> {
  const { path } = call;
  const said = JSON.stringify([example.params, example.body]);
  const live: Record<string, string> = { [sample.userId]: userId };
  if (path.startsWith("/scim/"))
    live[sample.scimUserId] = await renewDirectory(example.status !== 201 || path.endsWith("Groups"));
  if (said.includes(sample.code)) live[sample.code] = (await issueCode(adaId)).text;
  if (said.includes(sample.codeId)) live[sample.codeId] = (await issueCode(userId)).grantId;
  if (said.includes(sample.assertion)) live[sample.assertion] = await credentials.assertion();
  if (path.startsWith("/mfa/") && said.includes(sample.attemptId)) {
    const begun = await doors.call("POST", "/mfa/v1_1/authn/initialize", {
      headers: headersOf(call),
      body: { subjectName: "ada.lovelace", context: { messageId: "1" } },
    });
    live[sample.attemptId] = begun.body.context.authnAttemptId;
    live[sample.messageId] = begun.body.context.messageId;
  }
  return live;
}

async function send(
  call: ReferenceCall,
  example: Example,
  live: Record<string, string>,
): Promise<DoorAnswer> {
  const fill = (text: string) =>
    Object.entries(live).reduce((filled, [shown, real]) => filled.replaceAll(shown, real), text);
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_whole, name) =>
    encodeURIComponent(fill(example.params?.[name] ?? "")),
  );
  const query = new URLSearchParams(example.query);
  const [mediaType] = Object.keys(call.operation.requestBody?.content ?? {});
  const json = example.body === undefined ? undefined : JSON.parse(fill(JSON.stringify(example.body)));
  const body =
    mediaType === "application/x-www-form-urlencoded" ? new URLSearchParams(json).toString() : json;
  return doors.call(call.method.toUpperCase(), `${path}${query.size === 0 ? "" : `?${query}`}`, {
    headers: {
      ...headersOf(call),
      ...(mediaType && body !== undefined ? { "content-type": mediaType } : {}),
    },
    body,
  });
}

/** What is made anew each time stands for its kind; everything else for itself. */
function toShape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toShape);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toShape(each)]));
  if (typeof value !== "string") return value;
  return value
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, "<date>")
    .replace(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$/, "<code>")
    .replace(/^[\w-]+\.[\w-]+\.[\w-]+$/, "<jwt>")
    .replace(/^[\w-]{22}\.[\w-]{43}$/, "<token>")
    .replace(/^[\w-]{43}$/, "<key>")
    .replace(/^W\/".*"$/, "<version>")
    .replace(/^0x[0-9a-f]{64}$/, "<state>")
    .replace(/^[A-Z][a-z]{2} 20\d\d$/, "<month>");
}

const operations = describedDoors.flatMap(({ path, operations: all }) =>
  Object.values(all as Record<string, Operation>).map((operation) => ({
    operation,
    path: `${path}${operation.path}`,
  })),
);
const callOf = (id: string) => referenceCalls.find(({ operation }) => operation.operationId === id)!;

describe("every example of the reference is answered as it says", () => {
  const all = operations.flatMap(({ operation }) =>
    Object.entries(operation.examples ?? {}).map(([name, example]) => ({ id: operation.id, name, example })),
  );
  test.each(all)("$id: $name", async ({ id, example }) => {
    const call = callOf(id);
    const answer = await send(call, example, await prepare(call, example));
    expect([answer.status, toShape(answer.text === "" ? undefined : JSON.parse(answer.text))]).toEqual([
      example.status,
      toShape(example.answer),
    ]);
    expect(findUndocumented(call, answer)).toBeUndefined();
  });
});

describe("the scopes that the reference names open a call, and all others together don't", () => {
  const scoped = operations.flatMap(({ operation }) => {
    const named = callOf(operation.id).operation.security.flatMap(({ oauth }) => oauth ?? []);
    return named.length === 0 ? [] : [{ id: operation.id, named, operation }];
  });
  test.each(scoped)("$id", async ({ id, named, operation }) => {
    const call = callOf(id);
    const [example] = Object.values(operation.examples ?? {});
    const ask = async (scope: string) => {
      const authorization = `Bearer ${await getToken(doors, credentials.oauth, scope)}`;
      const live = await prepare(call, example!);
      const before = credentials;
      credentials = {
        ...before,
        headers: { ...before.headers, oauth: { authorization }, clientKey: { authorization } },
      };
      const answer = await send(call, example!, live);
      credentials = before;
      return answer;
    };
    for (const scope of named) expect((await ask(scope)).status).toBe(200);
    const others = oauthScopes.filter((scope) => !named.includes(scope));
    const refused = await ask(others.join(" "));
    expect([refused.status, findUndocumented(call, refused)]).toEqual([403, undefined]);
  });
});
