import { parsePath } from "./path";
import { type Attribute, commonAttributes, findAttribute, type ResourceType } from "./schema";
import { Unfit } from "./unfit";

/** One value of a complex attribute, by the names of the schema. */
export type Parts = Record<string, string | boolean>;

/** A value as the schema has it: unassigned ones aren't there (RFC 7643, 2.5). */
export type Value = string | boolean | Parts | Parts[];

/** A resource as it was sent or is stored: what the schema knows of it, under the schema's names. */
export interface ScimDocument {
  core: Record<string, Value>;
  extension: Record<string, Value>;
}

const textLengthMax = 10_000;
const unstorable = /[\0\p{Cs}]/u;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Narrows a message to an object. */
export function requireObject(value: unknown, what = "The body"): Record<string, unknown> {
  if (!isObject(value)) throw new Unfit("invalidSyntax", `${what} must be an object`);
  return value;
}

/** Requires that `schemas`, where it is sent, names `urn` (RFC 7644, 3.1). */
export function requireSchema(body: Record<string, unknown>, urn: string): void {
  const { schemas } = body;
  if (schemas === undefined) return;
  const isNamed =
    Array.isArray(schemas) &&
    schemas.some((each) => typeof each === "string" && each.toLowerCase() === urn.toLowerCase());
  if (!isNamed) throw new Unfit("invalidValue", `schemas must name ${urn}`);
}

function readSimple({ name, type }: Attribute, value: unknown): string | boolean | null {
  if (value === null || value === undefined || value === "") return null;
  if (type === "boolean") {
    if (typeof value === "boolean") return value;
    const text = typeof value === "string" ? value.toLowerCase() : "";
    if (text === "true" || text === "false") return text === "true";
    throw new Unfit("invalidValue", `${name} must be true or false`);
  }
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") throw new Unfit("invalidValue", `${name} must be a string`);
  if (text.length > textLengthMax) throw new Unfit("invalidValue", `${name} is too long`);
  if (unstorable.test(text)) throw new Unfit("invalidValue", `${name} has characters that no text has`);
  return text;
}

/** Reads one value of a complex attribute; null where nothing of it is left. */
export function readParts(attribute: Attribute, value: unknown): Parts | null {
  if (value === null || value === undefined || value === "") return null;
  const subs = attribute.subAttributes ?? [];
  const given = typeof value === "string" && findAttribute(subs, "value") ? { value } : value;
  if (!isObject(given)) throw new Unfit("invalidValue", `${attribute.name} must be an object`);
  const parts: Parts = {};
  for (const [key, each] of Object.entries(given)) {
    const sub = findAttribute(subs, key);
    if (sub === undefined || sub.mutability === "readOnly") continue;
    const read = readSimple(sub, each);
    if (read !== null) parts[sub.name] = read;
  }
  return Object.keys(parts).length === 0 ? null : parts;
}

/**
 * Reads a value for an attribute, as leniently as Entra and Okta need it: booleans as words, one value where several may be,
 * several where one is wanted.
 * @returns null where it is unassigned.
 * @throws {Unfit} `invalidValue` where it is of another type.
 */
export function readValue(attribute: Attribute, value: unknown): Value | null {
  if (attribute.multiValued === true) {
    if (value === null || value === undefined || value === "") return null;
    const list = (Array.isArray(value) ? value : [value])
      .map((each) => readParts(attribute, each))
      .filter((each) => each !== null);
    return list.length === 0 ? null : list;
  }
  const one = Array.isArray(value) && attribute.type === "complex" && value.length <= 1 ? value[0] : value;
  return attribute.type === "complex" ? readParts(attribute, one) : readSimple(attribute, one);
}

/** Reads a value for a part of an attribute; null where it is unassigned. */
export function readSub(sub: Attribute, value: unknown): string | boolean | null {
  return readSimple(sub, value);
}

/**
 * Reads a whole resource, of POST or PUT. What the schema doesn't know is ignored, and so is what only we may set.
 * @throws {Unfit} `invalidSyntax` where it is no object or says one thing twice; `invalidValue` where a type is wrong.
 */
export function readDocument(type: ResourceType, message: unknown): ScimDocument {
  const body = requireObject(message);
  requireSchema(body, type.schema.id);
  const document: ScimDocument = { core: {}, extension: {} };
  const core = [...commonAttributes, ...type.schema.attributes];
  readInto(document.core, core, body);
  for (const [key, value] of Object.entries(body)) {
    if (!key.toLowerCase().startsWith("urn:")) continue;
    const to = parsePath(key, type);
    if (to.kind === "extension" && value !== null)
      readInto(document.extension, type.extension?.attributes ?? [], requireObject(value, "An extension"));
  }
  return document;
}

function readInto(
  into: Record<string, Value>,
  attributes: readonly Attribute[],
  from: Record<string, unknown>,
): void {
  const seen = new Set<string>();
  for (const [key, value] of Object.entries(from)) {
    const attribute = findAttribute(attributes, key);
    if (attribute === undefined || attribute.mutability === "readOnly") continue;
    if (seen.has(attribute.name)) throw new Unfit("invalidSyntax", `${attribute.name} stands there twice`);
    seen.add(attribute.name);
    const read = readValue(attribute, value);
    if (read !== null) into[attribute.name] = read;
  }
}

/** The values of a multi-valued attribute. */
export function listValues(holder: Readonly<Record<string, Value>>, name: string): Parts[] {
  const value = holder[name];
  return Array.isArray(value) ? value : [];
}
