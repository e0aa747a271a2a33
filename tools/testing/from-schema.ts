import fc from "fast-check";
import type { SchemaObject } from "@/components/reference/model";

/** Texts that have broken servers before. */
const hostileTexts = [
  "",
  " ",
  "\0",
  "\ud800",
  "💥\u202e",
  "' or 1=1; drop table users; --",
  "*)(uid=*))(|(uid=*",
  "a\r\nset-cookie: x=1",
  "__proto__",
  "1e999",
  "-1",
  "99999999999999999999",
  "2026-02-31T25:61:61Z",
  "%00%ff",
  "x".repeat(9000),
];

const text = fc.oneof(fc.constantFrom(...hostileTexts), fc.string({ unit: "binary", maxLength: 30 }));

/** Any JSON: what no schema has asked for. */
const anything = fc.oneof(
  text,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, [], {}, [[[[[]]]]], { $ne: null }),
);

const typeOf = ({ type }: SchemaObject) => [type ?? []].flat().find((each) => each !== "null");

function fitting(schema: SchemaObject): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (typeOf(schema)) {
    case "integer":
    case "number": {
      const { minimum: min = -1000, maximum: max = 100_000 } = schema;
      return fc.integer({ min, max });
    }
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(fromSchema(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case "object": {
      const { properties = {}, required = [] } = schema;
      return fc.record(
        Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, fromSchema(each)])),
        { requiredKeys: required },
      );
    }
    case "string":
      if (schema.format === "uuid") return fc.uuid();
      return schema.pattern === undefined
        ? fc.string({ maxLength: Math.min(schema.maxLength ?? 20, 40) })
        : fc.stringMatching(new RegExp(schema.pattern), { maxLength: Math.min(schema.maxLength ?? 60, 60) });
    default:
      return anything;
  }
}

/** Values that a schema allows, and at every place now and then one that it doesn't. */
export function fromSchema(schema: SchemaObject): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 9, arbitrary: fitting(schema) }, { weight: 1, arbitrary: anything });
}

/** A part of a path, as text; one of dots alone, or none, is another path. */
export const pathText = fc.oneof(
  fc.uuid(),
  text.filter((part) => !/\p{Cs}/u.test(part) && !/^[.]*$/.test(part) && part.length < 4000),
);
