import { getConfig } from "@/lib/platform/config";
import type { StoredGroup } from "@/lib/scim/group-store";
import { groupVersion } from "@/lib/scim/groups";
import { parsePath } from "@/lib/scim/path";
import { phoneTypes, type StoredPerson } from "@/lib/scim/person";
import {
  type Attribute,
  enterpriseUrn,
  groupUrn,
  type ResourceType,
  resourceTypes,
  type Schema,
  userUrn,
} from "@/lib/scim/schema";
import { versionOf } from "@/lib/scim/version";

const listUrn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const root = "urn:ietf:params:scim:schemas:core:2.0";

/** How many resources a page holds at most. */
export const pageMax = 200;

/** How many it holds where nothing is said. */
export const pageDefault = 100;

/** A resource as it is sent. */
export type Resource = Record<string, unknown>;

const locationOf = (path: string) => `${getConfig().BASE_URL}/scim/v2${path}`;

const drop = (values: Resource): Resource =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

const orNull = (values: Resource) => (Object.keys(values).length === 0 ? null : values);

/** A user as SCIM has it: what is unassigned is left out (RFC 7643, 2.5, 4.1). */
export function toUserResource(person: StoredPerson): Resource {
  const { id, email, manager, phones, groups } = person;
  const location = locationOf(`/Users/${id}`);
  const enterprise = orNull(
    drop({
      employeeNumber: person.employeeNumber,
      department: person.department,
      manager: manager && {
        value: manager.id,
        $ref: locationOf(`/Users/${manager.id}`),
        displayName: manager.displayName,
      },
    }),
  );
  return drop({
    schemas: enterprise === null ? [userUrn] : [userUrn, enterpriseUrn],
    id,
    externalId: person.externalId,
    meta: {
      resourceType: "User",
      created: person.createdAt.toISOString(),
      lastModified: person.updatedAt.toISOString(),
      location,
      version: versionOf(person),
    },
    userName: person.login,
    name: orNull(drop({ familyName: person.lastName || null, givenName: person.firstName || null })),
    displayName: person.displayName,
    title: person.title,
    preferredLanguage: person.language,
    timezone: person.timeZone,
    active: person.disabledAt === null,
    emails: email === null ? null : [{ value: email, type: "work", primary: true }],
    phoneNumbers:
      phones.length === 0
        ? null
        : phones.map(({ channel, e164 }) => ({ value: e164, type: phoneTypes[channel] })),
    groups:
      groups.length === 0
        ? null
        : groups.map((group) => ({
            value: group.id,
            $ref: locationOf(`/Groups/${group.id}`),
            display: group.name,
          })),
    [enterpriseUrn]: enterprise,
  });
}

/** A group as SCIM has it (RFC 7643, 4.2). */
export function toGroupResource(group: StoredGroup): Resource {
  return drop({
    schemas: [groupUrn],
    id: group.id,
    externalId: group.externalId,
    meta: {
      resourceType: "Group",
      created: group.createdAt.toISOString(),
      lastModified: group.updatedAt.toISOString(),
      location: locationOf(`/Groups/${group.id}`),
      version: groupVersion(group),
    },
    displayName: group.name,
    members:
      group.members === null || group.members.length === 0
        ? null
        : group.members.map(({ id, displayName }) => ({
            value: id,
            $ref: locationOf(`/Users/${id}`),
            display: displayName,
            type: "User",
          })),
  });
}

/** Which attributes an answer holds (RFC 7644, 3.9). */
export interface Selection {
  readonly attributes: readonly string[];
  readonly excluded: readonly string[];
}

/** Whether `name` is among what an answer holds. */
export function isSelected({ attributes, excluded }: Selection, name: string): boolean {
  const wanted = name.toLowerCase();
  const has = (list: readonly string[]) =>
    list.some((each) => {
      const plain = each.toLowerCase();
      return plain === wanted || plain.startsWith(`${wanted}.`) || plain.endsWith(`:${wanted}`);
    });
  return attributes.length > 0
    ? has(attributes)
    : !excluded.some((each) => each.toLowerCase() === wanted || each.toLowerCase().endsWith(`:${wanted}`));
}

interface Place {
  extension: string | null;
  name: string | null;
  sub: string | null;
}

function placesOf(paths: readonly string[], type: ResourceType): Place[] {
  return paths.flatMap((path): Place[] => {
    const to = parsePath(path, type);
    if (to.kind === "unknown") return [];
    if (to.kind === "extension") return [{ extension: to.extension, name: null, sub: null }];
    const { extension, attribute, sub } = to.target;
    return [{ extension, name: attribute.name, sub: sub?.name ?? null }];
  });
}

const isObject = (value: unknown): value is Resource => typeof value === "object" && value !== null;

function pickSub(value: unknown, keep: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => pickSub(each, keep));
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter(([name]) => keep(name))) : value;
}

function selectFrom(holder: Resource, places: readonly Place[], isOnly: boolean, always: string[]): Resource {
  const entries = Object.entries(holder).flatMap(([name, value]): [string, unknown][] => {
    if (always.includes(name)) return [[name, value]];
    const named = places.filter((place) => place.name === name);
    const isWhole = named.some(({ sub }) => sub === null);
    const subs = named.map(({ sub }) => sub);
    if (isOnly) {
      if (named.length === 0) return [];
      return [[name, isWhole ? value : pickSub(value, (sub) => subs.includes(sub))]];
    }
    if (isWhole) return [];
    return [[name, subs.length === 0 ? value : pickSub(value, (sub) => !subs.includes(sub))]];
  });
  return Object.fromEntries(entries);
}

/** Leaves of a resource what was asked for; its id and schemas always stay. */
export function select(
  resource: Resource,
  type: ResourceType,
  { attributes, excluded }: Selection,
): Resource {
  if (attributes.length === 0 && excluded.length === 0) return resource;
  const isOnly = attributes.length > 0;
  const places = placesOf(isOnly ? attributes : excluded, type);
  const { [enterpriseUrn]: extension, ...core } = resource;
  const left = selectFrom(
    core,
    places.filter((place) => place.extension === null),
    isOnly,
    ["id", "schemas"],
  );
  if (!isObject(extension)) return left;
  const inside = places.filter((place) => place.extension !== null);
  const isWhole = inside.some(({ name }) => name === null);
  if (isWhole) return isOnly ? { ...left, [enterpriseUrn]: extension } : left;
  const rest = selectFrom(extension, inside, isOnly, []);
  return Object.keys(rest).length === 0 ? left : { ...left, [enterpriseUrn]: rest };
}

/** A page of a list (RFC 7644, 3.4.2). */
export function toList(resources: readonly object[], total: number, startIndex: number): Resource {
  return {
    schemas: [listUrn],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

function toAttribute(attribute: Attribute): Resource {
  const { subAttributes, type } = attribute;
  return drop({
    name: attribute.name,
    type,
    multiValued: attribute.multiValued ?? false,
    description: attribute.description,
    required: attribute.required ?? false,
    caseExact: type === "complex" || type === "boolean" ? null : (attribute.caseExact ?? false),
    mutability: attribute.mutability ?? "readWrite",
    returned: attribute.returned ?? "default",
    uniqueness: type === "complex" || type === "boolean" ? null : (attribute.uniqueness ?? "none"),
    canonicalValues: attribute.canonicalValues,
    referenceTypes: attribute.referenceTypes,
    subAttributes: subAttributes?.map(toAttribute),
  });
}

/** A schema as `/Schemas` tells of it (RFC 7643, 7). */
export function toSchemaResource({ id, name, description, attributes }: Schema): Resource {
  return {
    schemas: [`${root}:Schema`],
    id,
    name,
    description,
    attributes: attributes.map(toAttribute),
    meta: { resourceType: "Schema", location: locationOf(`/Schemas/${id}`) },
  };
}

/** A kind of resource as `/ResourceTypes` tells of it (RFC 7643, 6). */
export function toTypeResource({ name, endpoint, description, schema, extension }: ResourceType): Resource {
  return drop({
    schemas: [`${root}:ResourceType`],
    id: name,
    name,
    endpoint,
    description,
    schema: schema.id,
    schemaExtensions: extension && [{ schema: extension.id, required: false }],
    meta: { resourceType: "ResourceType", location: locationOf(`/ResourceTypes/${name}`) },
  });
}

/** Every kind of resource. */
export const typeResources = () => resourceTypes.map(toTypeResource);

/** What this server can do (RFC 7643, 5). */
export function toConfig(): Resource {
  return {
    schemas: [`${root}:ServiceProviderConfig`],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: pageMax },
    changePassword: { supported: false },
    sort: { supported: false },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: "oauthbearertoken",
        name: "Bearer token",
        description: "A token that an owner made on the page Clients",
        specUri: "https://www.rfc-editor.org/info/rfc6750",
        primary: true,
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: locationOf("/ServiceProviderConfig") },
  };
}
