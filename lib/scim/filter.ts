import { type Filter, parse } from "scim2-parse-filter";
import { isUnprintable, Unfit } from "./unfit";

export type { Filter } from "scim2-parse-filter";

const lengthMax = 2_000;
const comparisonsMax = 40;
const depthMax = 12;

/** What a comparison compares with. */
export type FilterValue = string | number | boolean | null;

/** Stands for a backslash that is written as JSON writes it, while the library reads: it can't tell one from an escape. */
const backslash = "\uf8ff";

/** Reads the escapes of a string, which the library leaves (RFC 7644, 3.4.2.2: a JSON string); a lone backslash is one. */
function readEscapes(text: string): string {
  try {
    return JSON.parse(`"${text.replaceAll('"', '\\"').replaceAll(backslash, "\\\\")}"`) as string;
  } catch {
    return text.replaceAll(backslash, "\\");
  }
}

/** How deep brackets stand in each other, strings apart. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const bracket of text.replace(/"(?:[^"\\]|\\.)*"/g, "").match(/[[\]()]/g) ?? []) {
    depth += bracket === "(" || bracket === "[" ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function settle(filter: Filter, depth: number, count: { left: number }): Filter {
  if (depth > depthMax) throw new Unfit("invalidFilter", `The filter is deeper than ${depthMax} levels`);
  switch (filter.op) {
    case "and":
    case "or":
      return { ...filter, filters: filter.filters.map((each) => settle(each, depth + 1, count)) };
    case "not":
      return { ...filter, filter: settle(filter.filter, depth + 1, count) };
    case "[]":
      return { ...filter, valFilter: settle(filter.valFilter, depth + 1, count) };
    default: {
      count.left -= 1;
      if (count.left < 0)
        throw new Unfit("invalidFilter", `The filter has more than ${comparisonsMax} comparisons`);
      if (filter.op === "pr" || typeof filter.compValue !== "string") return filter;
      const compValue = readEscapes(filter.compValue);
      if (isUnprintable(compValue))
        throw new Unfit("invalidFilter", "The filter has characters that no text has");
      return { ...filter, compValue };
    }
  }
}

/**
 * Reads a filter (RFC 7644, 3.4.2.2), of up to 2,000 characters, 12 levels and 40 comparisons.
 *
 * Control characters are refused before the library sees them: its pattern for strings takes time that doubles with every line
 * break in a string without an end.
 * @throws {Unfit} `invalidFilter`.
 */
export function parseFilter(text: string): Filter {
  if (text.length > lengthMax)
    throw new Unfit("invalidFilter", `The filter is longer than ${lengthMax} characters`);
  if (isUnprintable(text) || text.includes(backslash))
    throw new Unfit("invalidFilter", "The filter has characters that no text has");
  if (depthOf(text) > depthMax)
    throw new Unfit("invalidFilter", `The filter is deeper than ${depthMax} levels`);
  let filter: Filter;
  try {
    filter = parse(text.replaceAll("\\\\", backslash));
  } catch {
    throw new Unfit("invalidFilter", "The filter can't be read");
  }
  return settle(filter, 1, { left: comparisonsMax });
}

const lower = (value: unknown) =>
  typeof value === "string" || typeof value === "boolean" ? String(value).toLowerCase() : value;

function compare(op: string, has: unknown, wanted: FilterValue): boolean {
  const [a, b] = [lower(has ?? null), lower(wanted)];
  switch (op) {
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "pr":
      return a !== null && a !== "";
    default:
  }
  if (typeof a !== "string" || typeof b !== "string") return false;
  switch (op) {
    case "co":
      return a.includes(b);
    case "sw":
      return a.startsWith(b);
    case "ew":
      return a.endsWith(b);
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    default:
      return false;
  }
}

/**
 * Whether a value of a multi-valued attribute fits `filter`, whatever the case of letters.
 * @throws {Unfit} `invalidPath` where the filter asks for values in values.
 */
export function fits(value: Readonly<Record<string, unknown>>, filter: Filter): boolean {
  switch (filter.op) {
    case "and":
      return filter.filters.every((each) => fits(value, each));
    case "or":
      return filter.filters.some((each) => fits(value, each));
    case "not":
      return !fits(value, filter.filter);
    case "[]":
      throw new Unfit("invalidPath", "A value has no values of its own");
    default: {
      const name = filter.attrPath.toLowerCase();
      const [, has] = Object.entries(value).find(([key]) => key.toLowerCase() === name) ?? [];
      return compare(filter.op, has, filter.op === "pr" ? null : filter.compValue);
    }
  }
}

/**
 * What a value must say to fit `filter`: what its `eq` comparisons ask for; undefined where it asks for more than that.
 */
export function toExample(filter: Filter): Record<string, FilterValue> | undefined {
  if (filter.op === "eq") return { [filter.attrPath]: filter.compValue };
  if (filter.op !== "and") return undefined;
  const examples = filter.filters.map(toExample);
  return examples.includes(undefined) ? undefined : Object.assign({}, ...examples);
}
