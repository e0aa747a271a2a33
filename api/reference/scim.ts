import { z } from "zod";
import { type Attribute, groupType, type ResourceType, type Schema, userType } from "@/lib/scim/schema";
import { type Answer, type Door, type Example, operation } from "./operation";
import { sample } from "./sample";

type Json = Record<string, unknown>;

const types = { string: "string", reference: "string", dateTime: "string", boolean: "boolean" } as const;

/** What is written of an attribute, or is read of it. */
function toJson(attribute: Attribute, io: "input" | "output"): Json {
  const { type, description, multiValued, subAttributes = [], canonicalValues } = attribute;
  const one: Json =
    type === "complex"
      ? toObject(subAttributes, io, [])
      : {
          type: types[type],
          ...(type === "dateTime" ? { format: "date-time" } : {}),
          ...(io === "output" && canonicalValues ? { enum: canonicalValues } : {}),
        };
  return multiValued ? { type: "array", items: one, description } : { ...one, description };
}

function toObject(attributes: readonly Attribute[], io: "input" | "output", required: string[]): Json {
  // Tools that read the document take a property of this name for a reference.
  const told = attributes.filter(({ name }) => name !== "$ref");
  const shown = told.filter(({ mutability }) => io === "output" || mutability !== "readOnly");
  const properties = Object.fromEntries(shown.map((each) => [each.name, toJson(each, io)]));
  return { type: "object", properties, ...(required.length === 0 ? {} : { required }) };
}

const one = (schema: Schema, io: "input" | "output") =>
  toObject(
    schema.attributes,
    io,
    schema.attributes.flatMap(({ name, required }) => (required ? [name] : [])),
  );

/** A resource by the very tables that messages are read by (RFC 7643). */
function toResource({ schema, extension, description }: ResourceType, io: "input" | "output"): Json {
  const { properties, required } = one(schema, io) as { properties: Json; required?: string[] };
  const meta: Json = {
    type: "object",
    properties: {
      resourceType: { type: "string" },
      created: { type: "string", format: "date-time" },
      lastModified: { type: "string", format: "date-time" },
      location: { type: "string" },
      version: { type: "string" },
    },
  };
  return {
    type: "object",
    description,
    properties: {
      schemas: { type: "array", items: { type: "string" } },
      ...(io === "output" ? { id: { type: "string" }, meta } : {}),
      externalId: { type: "string" },
      ...properties,
      ...(extension ? { [extension.id]: one(extension, io) } : {}),
    },
    required: io === "output" ? ["schemas", "id"] : (required ?? []),
  };
}

const listOf = (resource: Json): Json => ({
  type: "object",
  properties: {
    schemas: { type: "array", items: { type: "string" } },
    totalResults: { type: "integer" },
    startIndex: { type: "integer" },
    itemsPerPage: { type: "integer" },
    Resources: { type: "array", items: resource },
  },
  required: ["schemas", "totalResults", "startIndex", "itemsPerPage", "Resources"],
});

const failure = z
  .object({
    schemas: z.array(z.string()),
    status: z.string(),
    scimType: z.string().optional(),
    detail: z.string(),
  })
  .meta({ id: "ScimError", description: "RFC 7644, 3.12." });
const retry = { "Retry-After": "The seconds to wait." };
const etag = { ETag: "The version, for `If-Match` and `If-None-Match`." };

const selection = {
  attributes: z.string().optional().describe("Only these, with commas between; id and schemas always."),
  excludedAttributes: z.string().optional().describe("All but these."),
};
const listQuery = z.object({
  filter: z.string().optional().describe("RFC 7644, 3.4.2.2; 2,000 characters at most."),
  startIndex: z.string().optional().describe("From 1."),
  count: z.string().optional().describe("200 at most; 100 where nothing is said."),
  ...selection,
});
const selected = z.object(selection);

const searchBody: Json = {
  type: "object",
  properties: {
    schemas: { type: "array", items: { const: "urn:ietf:params:scim:api:messages:2.0:SearchRequest" } },
    filter: { type: "string" },
    startIndex: { type: "integer" },
    count: { type: "integer" },
    attributes: { type: "array", items: { type: "string" } },
    excludedAttributes: { type: "array", items: { type: "string" } },
  },
  required: ["schemas"],
};
const patchBody: Json = {
  type: "object",
  properties: {
    schemas: { type: "array", items: { type: "string" } },
    Operations: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        properties: {
          op: { type: "string", description: "`add`, `replace` or `remove`, in any case." },
          path: { type: "string" },
          value: {},
        },
        required: ["op"],
      },
    },
  },
  required: ["Operations"],
};

function operationsOf(type: ResourceType, examples: Record<string, Record<string, Example>>) {
  const { name, endpoint } = type;
  const [input, output] = [toResource(type, "input"), toResource(type, "output")];
  const told = (description: string): Answer => ({ description, jsonSchema: output, headers: etag });
  const params = { id: "The `id` that it was given." };
  const word = name.toLowerCase();
  const path = `${endpoint}/{id}`;
  const page: Answer = { description: `A page of ${word}s.`, jsonSchema: listOf(output) };
  return {
    [`list${name}s`]: operation({
      id: `list${name}s`,
      method: "get",
      path: endpoint,
      summary: `List ${word}s`,
      query: listQuery,
      answers: { 200: page },
      examples: examples.list ?? {},
    }),
    [`create${name}`]: operation({
      id: `create${name}`,
      method: "post",
      path: endpoint,
      summary: `Add a ${word}`,
      query: selected,
      jsonBody: input,
      answers: { 201: { ...told("As it is."), headers: { ...etag, Location: "Where it is." } } },
      refusals: [409],
      examples: examples.create ?? {},
    }),
    [`query${name}s`]: operation({
      id: `query${name}s`,
      method: "post",
      path: `${endpoint}/.search`,
      summary: `List ${word}s, asked by a body`,
      jsonBody: searchBody,
      answers: { 200: page },
    }),
    [`read${name}`]: operation({
      id: `read${name}`,
      method: "get",
      path,
      summary: `Read a ${word}`,
      params,
      query: selected,
      answers: { 200: told("As it is."), 304: { description: "The caller has it already." } },
      refusals: [404],
      examples: examples.read ?? {},
    }),
    [`replace${name}`]: operation({
      id: `replace${name}`,
      method: "put",
      path,
      summary: `Replace a ${word}`,
      params,
      query: selected,
      jsonBody: input,
      answers: { 200: told("As it is now.") },
      refusals: [404, 409, 412],
    }),
    [`patch${name}`]: operation({
      id: `patch${name}`,
      method: "patch",
      path,
      summary: `Change a ${word}`,
      description: "RFC 7644, 3.5.2, in all forms in which Entra and Okta send it.",
      params,
      query: selected,
      jsonBody: patchBody,
      answers: { 200: told("As it is now.") },
      refusals: [404, 409, 412],
      examples: examples.patch ?? {},
    }),
    [`remove${name}`]: operation({
      id: `remove${name}`,
      method: "delete",
      path,
      summary: `Take a ${word} away`,
      params,
      answers: { 204: { description: "Gone." } },
      refusals: [404, 412],
    }),
  };
}

const describing = (id: string, path: string, summary: string, isOne = false) =>
  operation({
    id,
    method: "get",
    path,
    summary,
    ...(isOne ? { params: { id: "Its name or URN." } } : {}),
    answers: { 200: { description: "RFC 7643, 5 to 7.", jsonSchema: { type: "object" } } },
    ...(isOne ? { refusals: [404] } : {}),
  });

const core = "urn:ietf:params:scim:schemas:core:2.0";
const message = "urn:ietf:params:scim:api:messages:2.0";
const jean = {
  schemas: [`${core}:User`],
  id: sample.scimUserId,
  externalId: "4711",
  meta: {
    resourceType: "User",
    created: "2026-11-28T14:05:00.000Z",
    lastModified: "2026-11-28T14:05:00.000Z",
    location: `http://localhost:3000/scim/v2/Users/${sample.scimUserId}`,
    version: 'W/"1f0c9b"',
  },
  userName: "jean.bartik@contoso.example",
  name: { familyName: "Bartik", givenName: "Jean" },
  displayName: "Jean Bartik",
  active: true,
  emails: [{ value: "jean.bartik@contoso.example", type: "work", primary: true }],
  phoneNumbers: [{ value: "+12025550166", type: "mobile" }],
};

/** The SCIM server (RFC 7643, 7644). */
export const scimDoor = {
  name: "SCIM 2.0",
  path: "/scim/v2",
  about:
    "A directory keeps its people and groups here, as Microsoft Entra and Okta do (RFC 7643, RFC 7644). It sees whom SCIM brought, and nobody else. Whoever leaves loses every live grant in the same moment. Bulk and `/Me` aren’t offered (501), and `sortBy` is passed over. `If-Match` refuses what has changed meanwhile (412).",
  security: [{ scimToken: [] }],
  takes: ["application/scim+json", "application/json"],
  gives: "application/scim+json",
  refusals: {
    400: { description: "Not what this call takes; `scimType` says which.", schema: failure },
    401: { description: "No live token.", schema: failure },
    403: { description: "Not with this token, or this can’t be filtered.", schema: failure },
    404: { description: "No such resource.", schema: failure },
    409: { description: "Somebody else has that name, address or id.", schema: failure },
    412: { description: "It has changed: load it again.", schema: failure },
    413: { description: "More than 64 KiB, or 1 MiB for a group.", schema: failure },
    415: { description: "Another content type.", schema: failure },
    429: {
      description: "More calls a second than this client may make, in this instance.",
      schema: failure,
      headers: retry,
    },
    500: { description: "A fault; the detail has the request’s id.", schema: failure },
    503: { description: "The database is away.", schema: failure, headers: retry },
  },
  always: [400, 401, 403, 429, 500, 503],
  withBody: [413, 415],
  operations: {
    ...operationsOf(userType, {
      create: {
        user: {
          summary: "Somebody new",
          body: {
            schemas: [`${core}:User`],
            userName: jean.userName,
            externalId: jean.externalId,
            name: jean.name,
            active: true,
            emails: [{ value: jean.userName, type: "work", primary: true }],
            phoneNumbers: [{ value: "+1 202 555 0166", type: "mobile" }],
          },
          status: 201,
          answer: jean,
        },
      },
      read: {
        user: { summary: "One", params: { id: sample.scimUserId }, status: 200, answer: jean },
        nobody: {
          summary: "None",
          params: { id: "4711" },
          status: 404,
          answer: { schemas: [`${message}:Error`], status: "404", detail: "No such resource" },
        },
      },
      list: {
        byName: {
          summary: "By login",
          query: { filter: `userName eq "${jean.userName}"` },
          status: 200,
          answer: {
            schemas: [`${message}:ListResponse`],
            totalResults: 1,
            startIndex: 1,
            itemsPerPage: 1,
            Resources: [jean],
          },
        },
      },
      patch: {
        leave: {
          summary: "Somebody leaves",
          params: { id: sample.scimUserId },
          body: {
            schemas: [`${message}:PatchOp`],
            Operations: [{ op: "Replace", path: "active", value: "False" }],
          },
          status: 200,
          answer: { ...jean, active: false },
        },
      },
    }),
    ...operationsOf(groupType, {
      create: {
        group: {
          summary: "A group with a member, told without its members",
          query: { excludedAttributes: "members" },
          body: {
            schemas: [`${core}:Group`],
            displayName: "VPN users",
            members: [{ value: sample.scimUserId }],
          },
          status: 201,
          answer: {
            schemas: [`${core}:Group`],
            id: sample.scimGroupId,
            meta: {
              ...jean.meta,
              resourceType: "Group",
              location: `http://localhost:3000/scim/v2/Groups/${sample.scimGroupId}`,
            },
            displayName: "VPN users",
          },
        },
      },
    }),
    config: describing("readServiceProviderConfig", "/ServiceProviderConfig", "What this server can do"),
    types: describing("listResourceTypes", "/ResourceTypes", "What it keeps"),
    type: describing("readResourceType", "/ResourceTypes/{id}", "One of these", true),
    schemas: describing("listSchemas", "/Schemas", "What it knows of them"),
    schema: describing("readSchema", "/Schemas/{id}", "One of these", true),
  },
} satisfies Door;
