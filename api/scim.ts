import "server-only";
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from "fastify";
import { z } from "zod";
import { assertNever } from "@/lib/platform/outcome";
import { changeUser, type UserChange } from "@/lib/scim/change-user";
import { createUser } from "@/lib/scim/create-user";
import { readDocument, requireObject, requireSchema } from "@/lib/scim/document";
import { type Filter, parseFilter } from "@/lib/scim/filter";
import {
  changeGroup,
  createGroup,
  findGroup,
  type GroupChange,
  listGroups,
  removeGroup,
} from "@/lib/scim/groups";
import type { UnfitRefusal } from "@/lib/scim/outcome";
import { readPatch } from "@/lib/scim/patch";
import { findUser, listUsers } from "@/lib/scim/read-users";
import { removeUser } from "@/lib/scim/remove-user";
import { groupType, type ResourceType, resourceTypes, schemas, userType } from "@/lib/scim/schema";
import { Unfit } from "@/lib/scim/unfit";
import { isAmong } from "@/lib/scim/version";
import { toClientContext } from "./client";
import { guardScimDoor, sendScim, sendScimError, sendUnfit } from "./scim-door";
import {
  isSelected,
  pageDefault,
  pageMax,
  type Resource,
  type Selection,
  select,
  toConfig,
  toGroupResource,
  toList,
  toSchemaResource,
  toTypeResource,
  toUserResource,
  typeResources,
} from "./scim-message";

/** Groups carry their members: some 15,000 fit. */
const groupBytesMax = 1024 * 1024;

const offsetMax = 1_000_000_000;
const searchUrn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const uuid = z.guid();

interface One {
  Params: { id: string };
}

interface ListQuery {
  readonly filter: Filter | null;
  readonly startIndex: number;
  readonly offset: number;
  readonly limit: number;
}

function readInteger(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const text = String(value);
  if (!/^[+-]?\d{1,18}$/.test(text)) throw new Unfit("invalidValue", `${name} must be a whole number`);
  return Number(text);
}

/** Reads which page is wanted (RFC 7644, 3.4.2.4): below 1 is 1, more than a page holds is a page, less than 0 is 0. */
function readPage(given: Record<string, unknown>): ListQuery {
  const { filter } = given;
  if (filter !== undefined && typeof filter !== "string")
    throw new Unfit("invalidFilter", "filter must stand there once");
  const startIndex = Math.min(Math.max(readInteger(given.startIndex, "startIndex") ?? 1, 1), offsetMax);
  return {
    filter: filter === undefined || filter.trim() === "" ? null : parseFilter(filter),
    startIndex,
    offset: startIndex - 1,
    limit: Math.min(Math.max(readInteger(given.count, "count") ?? pageDefault, 0), pageMax),
  };
}

/** Reads which attributes are wanted: a list with commas, or in a body a list. */
function readSelection(given: Record<string, unknown>): Selection {
  const listOf = (value: unknown): string[] => {
    if (typeof value === "string") return value.split(",").flatMap((name) => name.trim() || []);
    return Array.isArray(value) ? value.flatMap(listOf) : [];
  };
  return { attributes: listOf(given.attributes), excluded: listOf(given.excludedAttributes) };
}

const queryOf = (request: FastifyRequest) => request.query as Record<string, unknown>;

function sendResource(
  request: FastifyRequest,
  reply: FastifyReply,
  type: ResourceType,
  resource: Resource,
  status = 200,
): FastifyReply {
  const { version, location } = resource.meta as { version: string; location: string };
  reply.header("etag", version);
  if (status === 201) reply.header("location", location);
  const known = request.headers["if-none-match"];
  if (request.method === "GET" && known !== undefined && isAmong(known, version))
    return reply.code(304).send();
  return sendScim(reply, status, select(resource, type, readSelection(queryOf(request))));
}

function sendNotFound(reply: FastifyReply): FastifyReply {
  return sendScimError(reply, 404, "No such resource");
}

function sendRefusal(
  reply: FastifyReply,
  refusal: UnfitRefusal | { ok: false; reason: "not_found" | "changed_meanwhile" },
): FastifyReply {
  switch (refusal.reason) {
    case "not_found":
      return sendNotFound(reply);
    case "changed_meanwhile":
      return sendScimError(reply, 412, "It has changed: load it again");
    case "unfit":
      return sendUnfit(reply, refusal);
    default:
      return assertNever(refusal);
  }
}

async function sendUsers(request: FastifyRequest, reply: FastifyReply, given: Record<string, unknown>) {
  const { startIndex, ...page } = readPage(given);
  const selection = readSelection(given);
  const found = await listUsers(toClientContext(request), page);
  if (!found.ok) return sendRefusal(reply, found);
  const resources = found.people.map((person) => select(toUserResource(person), userType, selection));
  return sendScim(reply, 200, toList(resources, found.total, startIndex));
}

async function sendGroups(request: FastifyRequest, reply: FastifyReply, given: Record<string, unknown>) {
  const { startIndex, ...page } = readPage(given);
  const selection = readSelection(given);
  const withMembers = isSelected(selection, "members");
  const found = await listGroups(toClientContext(request), { ...page, withMembers });
  if (!found.ok) return sendRefusal(reply, found);
  const resources = found.groups.map((group) => select(toGroupResource(group), groupType, selection));
  return sendScim(reply, 200, toList(resources, found.total, startIndex));
}

function readSearch(request: FastifyRequest): Record<string, unknown> {
  const body = requireObject(request.body);
  requireSchema(body, searchUrn);
  return body;
}

const users = {
  list: (request: FastifyRequest, reply: FastifyReply) => sendUsers(request, reply, queryOf(request)),
  search: (request: FastifyRequest, reply: FastifyReply) => sendUsers(request, reply, readSearch(request)),
  create: async (request: FastifyRequest, reply: FastifyReply) => {
    const result = await createUser(toClientContext(request), readDocument(userType, request.body));
    if (!result.ok) return sendRefusal(reply, result);
    return sendResource(request, reply, userType, toUserResource(result.person), 201);
  },
  read: async (request: FastifyRequest<One>, reply: FastifyReply) => {
    const person = await findUser(toClientContext(request), request.params.id);
    if (person === undefined) return sendNotFound(reply);
    return sendResource(request, reply, userType, toUserResource(person));
  },
  change: async (request: FastifyRequest<One>, reply: FastifyReply, change: UserChange) => {
    const ifMatch = request.headers["if-match"];
    const result = await changeUser(toClientContext(request), { id: request.params.id, ifMatch, change });
    if (!result.ok) return sendRefusal(reply, result);
    return sendResource(request, reply, userType, toUserResource(result.person));
  },
  replace: (request: FastifyRequest<One>, reply: FastifyReply) =>
    users.change(request, reply, { kind: "replace", document: readDocument(userType, request.body) }),
  patch: (request: FastifyRequest<One>, reply: FastifyReply) =>
    users.change(request, reply, { kind: "patch", operations: readPatch(userType, request.body) }),
  remove: async (request: FastifyRequest<One>, reply: FastifyReply) => {
    const ifMatch = request.headers["if-match"];
    const result = await removeUser(toClientContext(request), { id: request.params.id, ifMatch });
    return result.ok ? reply.code(204).send() : sendRefusal(reply, result);
  },
};

const groups = {
  list: (request: FastifyRequest, reply: FastifyReply) => sendGroups(request, reply, queryOf(request)),
  search: (request: FastifyRequest, reply: FastifyReply) => sendGroups(request, reply, readSearch(request)),
  create: async (request: FastifyRequest, reply: FastifyReply) => {
    const result = await createGroup(toClientContext(request), readDocument(groupType, request.body));
    if (!result.ok) return sendRefusal(reply, result);
    return sendResource(request, reply, groupType, toGroupResource(result.group), 201);
  },
  read: async (request: FastifyRequest<One>, reply: FastifyReply) => {
    const withMembers = isSelected(readSelection(queryOf(request)), "members");
    const group = await findGroup(toClientContext(request), request.params.id, withMembers);
    if (group === undefined) return sendNotFound(reply);
    return sendResource(request, reply, groupType, toGroupResource(group));
  },
  change: async (request: FastifyRequest<One>, reply: FastifyReply, change: GroupChange) => {
    const ifMatch = request.headers["if-match"];
    const result = await changeGroup(toClientContext(request), { id: request.params.id, ifMatch, change });
    if (!result.ok) return sendRefusal(reply, result);
    return sendResource(request, reply, groupType, toGroupResource(result.group));
  },
  replace: (request: FastifyRequest<One>, reply: FastifyReply) =>
    groups.change(request, reply, { kind: "replace", document: readDocument(groupType, request.body) }),
  patch: (request: FastifyRequest<One>, reply: FastifyReply) =>
    groups.change(request, reply, { kind: "patch", operations: readPatch(groupType, request.body) }),
  remove: async (request: FastifyRequest<One>, reply: FastifyReply) => {
    const ifMatch = request.headers["if-match"];
    const result = await removeGroup(toClientContext(request), { id: request.params.id, ifMatch });
    return result.ok ? reply.code(204).send() : sendRefusal(reply, result);
  },
};

function describe(app: FastifyInstance): void {
  const preHandler = async (request: FastifyRequest, reply: FastifyReply) => {
    if ("filter" in queryOf(request)) return sendScimError(reply, 403, "This can't be filtered");
  };
  const list = (reply: FastifyReply, all: readonly Resource[]) =>
    sendScim(reply, 200, toList(all, all.length, 1));
  const one = (reply: FastifyReply, found: Resource | undefined) =>
    found === undefined ? sendNotFound(reply) : sendScim(reply, 200, found);
  app.get("/ServiceProviderConfig", { preHandler }, (_request, reply) => sendScim(reply, 200, toConfig()));
  app.get("/ResourceTypes", { preHandler }, (_request, reply) => list(reply, typeResources()));
  app.get<One>("/ResourceTypes/:id", { preHandler }, (request, reply) => {
    const type = resourceTypes.find(({ name }) => name === request.params.id);
    return one(reply, type && toTypeResource(type));
  });
  app.get("/Schemas", { preHandler }, (_request, reply) => list(reply, schemas.map(toSchemaResource)));
  app.get<One>("/Schemas/:id", { preHandler }, (request, reply) => {
    const wanted = request.params.id.toLowerCase();
    const schema = schemas.find(({ id }) => id.toLowerCase() === wanted);
    return one(reply, schema && toSchemaResource(schema));
  });
}

/** Answers 405 to every method that a path of `paths` doesn't know (RFC 9110, 15.5.6). */
function refuseOthers(app: FastifyInstance, paths: Readonly<Record<string, readonly HTTPMethods[]>>): void {
  const all = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
  const refuse = (known: readonly HTTPMethods[]) =>
    function refuseOther(_request: FastifyRequest, reply: FastifyReply) {
      reply.header("allow", known.join(", "));
      return sendScimError(reply, 405, "This resource doesn't know that method");
    };
  for (const [url, known] of Object.entries(paths))
    app.route({
      method: all.filter((method) => !known.includes(method)),
      url,
      handler: refuse(known),
    });
}

/**
 * The SCIM 2.0 server, `/scim/v2` (RFC 7643, 7644): a directory keeps its people and groups here, as Microsoft Entra and Okta do.
 *
 * It sees the people whom SCIM brought, and nobody else. Bulk, sorting and `/Me` aren't offered.
 */
export async function scim(app: FastifyInstance): Promise<void> {
  await guardScimDoor(app);
  describe(app);
  for (const [path, door, bodyLimit] of [
    ["/Users", users, undefined],
    ["/Groups", groups, groupBytesMax],
  ] as const) {
    const options = bodyLimit === undefined ? {} : { bodyLimit };
    const preHandler = async (request: FastifyRequest<One>, reply: FastifyReply) => {
      if (!uuid.safeParse(request.params.id).success) return sendNotFound(reply);
    };
    app.get(path, door.list);
    app.post(path, options, door.create);
    app.post(`${path}/.search`, door.search);
    app.get<One>(`${path}/:id`, { preHandler }, door.read);
    app.put<One>(`${path}/:id`, { ...options, preHandler }, door.replace);
    app.patch<One>(`${path}/:id`, { ...options, preHandler }, door.patch);
    app.delete<One>(`${path}/:id`, { preHandler }, door.remove);
  }
  const unoffered = (_request: FastifyRequest, reply: FastifyReply) =>
    sendScimError(reply, 501, "This server doesn't offer that");
  app.all("/Bulk", unoffered);
  app.all("/Me", unoffered);
  app.all("/.search", unoffered);
  refuseOthers(app, {
    "/ServiceProviderConfig": ["GET"],
    "/ResourceTypes": ["GET"],
    "/Schemas": ["GET"],
    "/Users": ["GET", "POST"],
    "/Groups": ["GET", "POST"],
    "/Users/:id": ["GET", "PUT", "PATCH", "DELETE"],
    "/Groups/:id": ["GET", "PUT", "PATCH", "DELETE"],
  });
}
