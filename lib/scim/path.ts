import { type Filter, parseFilter } from "./filter";
import { type Attribute, commonAttributes, findAttribute, type ResourceType } from "./schema";
import { Unfit } from "./unfit";

/** An attribute of a resource, or one of its parts. */
export interface Target {
  /** The extension that it stands in; null: the core. */
  readonly extension: string | null;
  readonly attribute: Attribute;
  readonly sub: Attribute | null;
  /** Which of the values are meant (RFC 7644, 3.5.2 "valuePath"). */
  readonly filter: Filter | null;
}

/** Where a path leads: to an attribute, to a whole extension, or to something that we don't keep. */
export type Destination =
  | { readonly kind: "attribute"; readonly target: Target }
  | { readonly kind: "extension"; readonly extension: string }
  | { readonly kind: "unknown" };

const pathLengthMax = 2_000;
const namePattern = /^[a-z$][a-z0-9_$-]*$/i;
const urnPattern = /^urn:[a-z0-9][a-z0-9-]*:[a-z0-9._:-]+$/i;

const unknown: Destination = { kind: "unknown" };

/** Splits `name[filter].sub` from the schema before it. */
function takeSchema(text: string, type: ResourceType): { urn: string | null; rest: string } {
  const lower = text.toLowerCase();
  if (!lower.startsWith("urn:")) return { urn: null, rest: text };
  for (const { id } of [type.schema, ...(type.extension ? [type.extension] : [])]) {
    if (lower === id.toLowerCase()) return { urn: id, rest: "" };
    if (lower.startsWith(`${id.toLowerCase()}:`)) return { urn: id, rest: text.slice(id.length + 1) };
  }
  return { urn: "", rest: text };
}

/**
 * Reads a path as PATCH and the lists of attributes have it. Names are compared whatever their case.
 * @throws {Unfit} `invalidPath` where it isn't one, `invalidFilter` where the filter in it isn't one.
 */
export function parsePath(text: string, type: ResourceType): Destination {
  if (text.length > pathLengthMax) throw new Unfit("invalidPath", "The path is too long");
  const { urn, rest } = takeSchema(text.trim(), type);
  const opening = rest.indexOf("[");
  const closing = rest.lastIndexOf("]");
  if (opening < 0 !== closing < 0 || closing < opening)
    throw new Unfit("invalidPath", "The path has a bracket without its other half");
  const before = opening < 0 ? rest : rest.slice(0, opening);
  if (urn === "") {
    if (!urnPattern.test(before)) throw new Unfit("invalidPath", "The path can't be read");
    return unknown;
  }
  if (rest === "" && urn !== null)
    return urn === type.schema.id ? unknown : { kind: "extension", extension: urn };
  const filterText = opening < 0 ? null : rest.slice(opening + 1, closing);
  const after = opening < 0 ? "" : rest.slice(closing + 1);
  const names =
    opening < 0 ? before.split(".") : [before, ...(after === "" ? [] : [after.replace(/^\./, "")])];
  if (
    names.length > 2 ||
    !names.every((name) => namePattern.test(name)) ||
    (after !== "" && after[0] !== ".")
  )
    throw new Unfit("invalidPath", "The path can't be read");
  const filter = filterText === null ? null : parseFilter(filterText);
  const [name = "", subName] = names;
  const extension = urn !== null && urn === type.extension?.id ? urn : null;
  const attributes =
    extension === null
      ? [...(urn === null ? commonAttributes : []), ...type.schema.attributes]
      : (type.extension?.attributes ?? []);
  const attribute = findAttribute(attributes, name);
  if (attribute === undefined) return unknown;
  if (filter !== null && attribute.multiValued !== true)
    throw new Unfit("invalidPath", `${attribute.name} has one value: it takes no filter`);
  const sub = subName === undefined ? null : findAttribute(attribute.subAttributes ?? [], subName);
  if (sub === undefined) return unknown;
  return { kind: "attribute", target: { extension, attribute, sub, filter } };
}
