import {
  listValues,
  type Parts,
  readParts,
  readSub,
  readValue,
  requireObject,
  requireSchema,
  type ScimDocument,
} from "./document";
import { fits, toExample } from "./filter";
import { type Destination, parsePath, type Target } from "./path";
import { findAttribute, type ResourceType } from "./schema";
import { Unfit } from "./unfit";

/** The schema of a PATCH (RFC 7644, 3.5.2). */
const patchUrn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

const operationsMax = 1_000;

/** One change, to one attribute. */
export interface Operation {
  readonly op: "add" | "replace" | "remove";
  readonly to: Destination;
  readonly value: unknown;
  /** It stood in an object without a path: there, what only we may set is passed over. */
  readonly isLoose: boolean;
}

function readOp(value: unknown): Operation["op"] {
  const op = typeof value === "string" ? value.toLowerCase() : "";
  if (op === "add" || op === "replace" || op === "remove") return op;
  throw new Unfit("invalidSyntax", "op must be add, replace or remove");
}

/**
 * Reads a PATCH, in the forms of the RFC and in those that Entra and Okta send: `op` in any case, an object without a path whose keys
 * may be paths, booleans as words.
 * @throws {Unfit} `invalidSyntax`, `invalidPath`, `invalidFilter`, or `noTarget` where `remove` has no path.
 */
export function readPatch(type: ResourceType, message: unknown): Operation[] {
  const body = requireObject(message);
  requireSchema(body, patchUrn);
  const [, operations] = Object.entries(body).find(([key]) => key.toLowerCase() === "operations") ?? [];
  if (!Array.isArray(operations) || operations.length === 0)
    throw new Unfit("invalidSyntax", "Operations must be a list of at least one");
  if (operations.length > operationsMax) throw new Unfit("tooMany", `More than ${operationsMax} operations`);
  return operations.flatMap((each): Operation[] => {
    const { op: named, path, value } = requireObject(each, "An operation");
    const op = readOp(named);
    if (path !== undefined && path !== null && typeof path !== "string")
      throw new Unfit("invalidPath", "path must be a string");
    if (path) return [{ op, to: parsePath(path, type), value, isLoose: false }];
    if (op === "remove") throw new Unfit("noTarget", "remove needs a path");
    const given = requireObject(value, "A value without a path");
    return Object.entries(given).map(([key, part]) => ({
      op,
      to: parsePath(key, type),
      value: part,
      isLoose: true,
    }));
  });
}

/**
 * Applies changes to a document, in their order. An attribute that we don't keep is passed over. A `replace` whose filter fits
 * nothing adds a value that fits, as Entra expects, where the filter says what such a value is.
 * @throws {Unfit} `mutability`, `noTarget`, `invalidValue`.
 */
export function applyPatch(
  type: ResourceType,
  document: ScimDocument,
  operations: readonly Operation[],
): ScimDocument {
  const patched = structuredClone(document);
  for (const operation of operations) {
    const { to } = operation;
    if (to.kind === "attribute") applyTo(patched, operation, to.target);
    if (to.kind === "extension") applyToExtension(type, patched, operation);
  }
  return patched;
}

function applyToExtension(type: ResourceType, document: ScimDocument, operation: Operation): void {
  if (operation.op === "remove") {
    document.extension = {};
    return;
  }
  for (const [key, value] of Object.entries(requireObject(operation.value, "An extension"))) {
    const attribute = findAttribute(type.extension?.attributes ?? [], key);
    if (attribute === undefined) continue;
    const target = { extension: type.extension?.id ?? null, attribute, sub: null, filter: null };
    applyTo(document, { ...operation, value, isLoose: true }, target);
  }
}

function applyTo(document: ScimDocument, operation: Operation, target: Target): void {
  const { attribute, sub } = target;
  if (attribute.mutability === "readOnly" || sub?.mutability === "readOnly") {
    if (operation.isLoose) return;
    throw new Unfit("mutability", `${attribute.name} can't be changed`);
  }
  const holder = target.extension === null ? document.core : document.extension;
  if (attribute.multiValued === true) {
    const list = changeValues(listValues(holder, attribute.name), operation, target);
    if (list.length === 0) delete holder[attribute.name];
    else holder[attribute.name] = list;
    return;
  }
  const next = changeOne(holder[attribute.name], operation, target);
  if (next === null || (typeof next === "object" && Object.keys(next).length === 0)) {
    if (attribute.required === true) throw new Unfit("mutability", `${attribute.name} can't be taken away`);
    delete holder[attribute.name];
  } else holder[attribute.name] = next;
}

function changeOne(before: unknown, { op, value }: Operation, { attribute, sub }: Target) {
  const parts = typeof before === "object" ? (before as Parts) : {};
  if (sub !== null) return withSub(parts, sub, op === "remove" ? null : value);
  if (op === "remove") return null;
  const read = readValue(attribute, value);
  if (attribute.type !== "complex" || read === null) return read;
  return { ...parts, ...(read as Parts) };
}

function withSub(parts: Parts, sub: NonNullable<Target["sub"]>, value: unknown): Parts {
  const read = readSub(sub, value);
  const { [sub.name]: _, ...others } = parts;
  return read === null ? others : { ...others, [sub.name]: read };
}

const isSameValue = (a: Parts, b: Parts) => a.value === b.value && a.type === b.type;

function changeValues(list: readonly Parts[], operation: Operation, target: Target): Parts[] {
  const { attribute, sub, filter } = target;
  const { op, value } = operation;
  if (filter === null && sub === null) {
    const given = (readValue(attribute, value) ?? []) as Parts[];
    if (op === "replace") return given;
    if (op === "remove")
      return given.length === 0
        ? []
        : list.filter((each) => !given.some((gone) => gone.value === each.value));
    return withNew(list, given);
  }
  const isMeant = (each: Parts) => filter === null || fits(each, filter);
  if (op === "remove")
    return sub === null
      ? list.filter((each) => !isMeant(each))
      : list.map((each) => (isMeant(each) ? withSub(each, sub, null) : each));
  const change = (each: Parts): Parts =>
    sub === null ? { ...each, ...readParts(attribute, value) } : withSub(each, sub, value);
  if (list.some(isMeant)) return list.map((each) => (isMeant(each) ? change(each) : each));
  const example = filter === null ? {} : toExample(filter);
  if (example === undefined) throw new Unfit("noTarget", `No value of ${attribute.name} fits the filter`);
  return withNew(list, [change(readParts(attribute, example) ?? {})]);
}

/** Adds values; of two that call themselves primary the newer one is (RFC 7644, 3.5.2). */
function withNew(list: readonly Parts[], added: readonly Parts[]): Parts[] {
  const isNewPrimary = added.some((each) => each.primary === true);
  return [
    ...list
      .filter((each) => !added.some((one) => isSameValue(one, each)))
      .map((each) => (isNewPrimary ? { ...each, primary: false } : each)),
    ...added,
  ];
}
