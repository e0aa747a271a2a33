import type { z } from "zod";
import { oauthScopes } from "@/lib/staff/scopes";
import { adminDoor } from "./admin";
import { agentDoor } from "./agent";
import { authnDoor } from "./authn";
import { healthDoor } from "./health";
import { toJsonSchema } from "./json-schema";
import { oauthDoor } from "./oauth";
import type { Answer, Door, Example, Operation } from "./operation";
import { radiusDoor } from "./radius";
import { scimDoor } from "./scim";

type Json = Record<string, unknown>;

/** Every door for programs, in the order of the reference. */
export const doors: readonly Door[] = [
  oauthDoor,
  adminDoor,
  authnDoor,
  radiusDoor,
  scimDoor,
  agentDoor,
  healthDoor,
];

/** What a scope opens. */
const scopeTexts: Readonly<Record<(typeof oauthScopes)[number], string>> = {
  "rsa.authenticator.emergency.manage": "Issue and revoke, for 7 days at most.",
  "rsa.user.read": "Look up and search; phone numbers are whole.",
  "rsa.user.manage": "Enable, disable; phones.",
  "rsa.user.factor.manage": "Unlock; phones.",
  "rsa.user.verify": "Nothing yet.",
  "rsa.audit.admin": "Admin events.",
  "rsa.audit.user": "A user’s log, user events.",
  "rsa.mfa.authn": "The Authentication API.",
};

const bearer = (description: string, more: Json = {}) => ({
  type: "http",
  scheme: "bearer",
  ...more,
  description,
});
const jwt = { bearerFormat: "JWT" };

function toSecuritySchemes(baseUrl: string): Json {
  return {
    legacyKey: bearer(
      "A JWT that the caller signs with a legacy key: RS256, `sub` the access id, `aud` the `adminRestApiUrl`, `exp` at most an hour after `iat`.",
      jwt,
    ),
    oauth: {
      type: "oauth2",
      description: "An access token of `/oauth/token`, as `Authorization: Bearer`.",
      flows: {
        clientCredentials: {
          tokenUrl: `${baseUrl}/oauth/token`,
          scopes: Object.fromEntries(oauthScopes.map((scope) => [scope, scopeTexts[scope]])),
        },
      },
    },
    clientKey: { type: "apiKey", in: "header", name: "client-key", description: "A client key." },
    scimToken: bearer("A directory’s token."),
    machine: bearer(
      "A JWT for this very request: `EdDSA` by the key that was enrolled, `kid` the machine’s id, `aud` our base URL, `method`, `path` (without a query), `body` (base64url of the SHA-256 of its bytes), `iat`, `exp` at most 60 s later, `jti` of 16 to 64 letters, digits, `-` and `_`, never used before. `iat` may be 5 s ahead of our clock.",
      jwt,
    ),
  };
}

function toAnswer(answer: Answer, gives: string, named: Map<string, Json>, examples: Json): Json {
  const { description, schema, jsonSchema, mediaType = gives, headers = {} } = answer;
  const body = schema ? toJsonSchema(schema, "output", named) : jsonSchema;
  const shown = Object.keys(examples).length === 0 ? {} : { examples };
  return {
    description,
    ...(Object.keys(headers).length === 0
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, about]) => [
              name,
              { description: about, schema: { type: "string" } },
            ]),
          ),
        }),
    ...(body === undefined ? {} : { content: { [mediaType]: { schema: body, ...shown } } }),
  };
}

const toExamples = (all: readonly [string, Example][], pick: (example: Example) => unknown): Json =>
  Object.fromEntries(
    all
      .filter(([, example]) => pick(example) !== undefined)
      .map(([name, example]) => [name, { summary: example.summary, value: pick(example) }]),
  );

function toParameters({ params = {}, query, examples = {} }: Operation): Json[] {
  const inQuery = query ? toJsonSchema(query, "input") : {};
  const { properties = {}, required = [] } = inQuery as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  const shown = (name: string, part: "params" | "query") => {
    const values = toExamples(Object.entries(examples), (example) => example[part]?.[name]);
    return Object.keys(values).length === 0 ? {} : { examples: values };
  };
  return [
    ...Object.entries(params).map(([name, description]) => ({
      name,
      in: "path",
      required: true,
      description,
      schema: { type: "string" },
      ...shown(name, "params"),
    })),
    ...Object.entries(properties).map(([name, { description, ...schema }]) => ({
      name,
      in: "query",
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...shown(name, "query"),
    })),
  ];
}

function toBody(
  operation: Operation,
  takes: readonly string[],
  examples: readonly [string, Example][],
): Json {
  const { body, jsonBody, isBodyOptional } = operation;
  const schema = body ? toJsonSchema(body as z.ZodType, "input") : jsonBody;
  if (schema === undefined) return {};
  const values = toExamples(examples, (example) => example.body);
  const content = { schema, ...(Object.keys(values).length === 0 ? {} : { examples: values }) };
  return {
    requestBody: {
      required: isBodyOptional !== true,
      content: Object.fromEntries(takes.map((type) => [type, content])),
    },
  };
}

function toOperation(door: Door, operation: Operation, named: Map<string, Json>): Json {
  const { id, summary, description, answers, refusals = [] } = operation;
  const examples = Object.entries(operation.examples ?? {});
  const hasBody = operation.body !== undefined || operation.jsonBody !== undefined;
  const known = new Set([...refusals, ...door.always, ...(hasBody ? door.withBody : [])]);
  const refused = Object.entries(door.refusals).filter(([status]) => known.has(Number(status)));
  const responses = [...Object.entries(answers), ...refused].map(([status, answer]): [string, Json] => {
    const those = examples.filter(([, example]) => example.status === Number(status));
    return [
      status,
      toAnswer(
        answer,
        door.gives,
        named,
        toExamples(those, ({ answer: body }) => body),
      ),
    ];
  });
  const parameters = toParameters(operation);
  return {
    operationId: id,
    tags: [door.name],
    summary,
    ...(description === undefined ? {} : { description }),
    security: operation.security ?? door.security,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...toBody(operation, door.takes, examples),
    responses: Object.fromEntries(responses),
  };
}

/** The document that describes every door for programs: OpenAPI 3.1, made of the schemas that they parse with. */
export function toOpenapi(baseUrl: string): Json {
  const named = new Map<string, Json>();
  const paths: Record<string, Json> = {};
  for (const door of doors)
    for (const operation of Object.values(door.operations)) {
      const path = `${door.path}${operation.path}`;
      paths[path] = { ...paths[path], [operation.method]: toOperation(door, operation, named) };
    }
  return {
    openapi: "3.1.0",
    info: {
      title: "Sparekey",
      version: "1",
      summary: "Doors for programs",
      description:
        "Every answer carries `X-Request-Id`, which the audit log has too. Fields may be added to answers; read what you know.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: baseUrl }],
    tags: doors.map(({ name, about }) => ({ name, description: about })),
    paths,
    components: {
      securitySchemes: toSecuritySchemes(baseUrl),
      schemas: Object.fromEntries([...named].sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
}
