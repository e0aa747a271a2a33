import { listValues, readValue, type ScimDocument } from "./document";
import type { Filter } from "./filter";
import type { Operation } from "./patch";
import { Unfit } from "./unfit";

/** One step of a change to a group. */
export type GroupStep =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "externalId"; readonly externalId: string | null }
  | { readonly kind: "add" | "remove" | "set"; readonly ids: readonly string[] };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const nameLengthMax = 200;

function toName(value: unknown): string {
  const name =
    typeof value === "string"
      ? value
          .normalize("NFC")
          .replace(/\p{Cc}+/gu, " ")
          .trim()
      : "";
  if (name === "") throw new Unfit("invalidValue", "displayName is missing");
  if (name.length > nameLengthMax)
    throw new Unfit("invalidValue", `displayName is longer than ${nameLengthMax} characters`);
  return name;
}

function toExternalId(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== "string" || value.length > nameLengthMax)
    throw new Unfit("invalidValue", `externalId must be a string of ${nameLengthMax} characters at most`);
  return value;
}

/** The ids that members are named by; one that can be nobody's is refused, or passed over where they leave. */
function toIds(values: readonly { value?: unknown }[], leaving: boolean): string[] {
  const ids = values.map(({ value }) => String(value ?? "").toLowerCase());
  if (!leaving && !ids.every((id) => uuid.test(id)))
    throw new Unfit("invalidValue", "A member is nobody's id");
  return [...new Set(ids.filter((id) => uuid.test(id)))];
}

/** Whom `members[value eq "…"]` names, also several by `or`. */
function idsOf(filter: Filter): string[] {
  if (filter.op === "or") return filter.filters.flatMap(idsOf);
  if (filter.op === "eq" && filter.attrPath.toLowerCase() === "value")
    return toIds([{ value: filter.compValue }], true);
  throw new Unfit("invalidFilter", "Members are named by value eq");
}

/** What a whole group wants. */
export function toGroup({ core }: ScimDocument): {
  name: string;
  externalId: string | null;
  memberIds: string[];
} {
  return {
    name: toName(core.displayName),
    externalId: toExternalId(core.externalId),
    memberIds: toIds(listValues(core, "members"), false),
  };
}

/**
 * Turns the operations of a PATCH into steps; what we don't keep is passed over.
 * @throws {Unfit} `invalidValue`, `invalidPath`, `invalidFilter`, `mutability`.
 */
export function toSteps(operations: readonly Operation[]): GroupStep[] {
  return operations.flatMap(({ op, to, value, isLoose }): GroupStep[] => {
    if (to.kind !== "attribute") return [];
    const { attribute, sub, filter } = to.target;
    if (attribute.mutability === "readOnly") {
      if (isLoose) return [];
      throw new Unfit("mutability", `${attribute.name} can't be changed`);
    }
    if (attribute.name === "externalId")
      return [
        {
          kind: "externalId",
          externalId: op === "remove" ? null : toExternalId(readValue(attribute, value)),
        },
      ];
    if (attribute.name === "displayName") {
      if (op === "remove") throw new Unfit("mutability", "displayName can't be taken away");
      return [{ kind: "name", name: toName(readValue(attribute, value)) }];
    }
    if (sub !== null) throw new Unfit("invalidPath", "Members are changed as a whole");
    if (filter !== null) {
      if (op !== "remove") throw new Unfit("invalidPath", "Only remove takes members by a filter");
      return [{ kind: "remove", ids: idsOf(filter) }];
    }
    const values = readValue(attribute, value);
    const given = Array.isArray(values) ? values : [];
    if (op === "remove")
      return given.length === 0 ? [{ kind: "set", ids: [] }] : [{ kind: "remove", ids: toIds(given, true) }];
    return [{ kind: op === "add" ? "add" : "set", ids: toIds(given, false) }];
  });
}
