import { z } from "zod";

type Json = Record<string, unknown>;

/** Leaves of what zod says what a reader can use: a format without the pattern that stands for it, bounds that are bounds. */
function tidy({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodType;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames;
  const { def } = zodSchema._zod as { def: { type: string; catchall?: unknown } };
  if (def.type === "object" && def.catchall === undefined) delete jsonSchema.additionalProperties;
  const [first, second, ...others] = jsonSchema.anyOf ?? [];
  if (
    first !== undefined &&
    second?.type === "null" &&
    others.length === 0 &&
    typeof first.type === "string"
  ) {
    delete jsonSchema.anyOf;
    const { type, enum: values, ...rest } = first;
    Object.assign(jsonSchema, {
      type: [type, "null"],
      ...rest,
      ...(values ? { enum: [...values, null] } : {}),
    });
  }
}

/**
 * The JSON Schema (2020-12, as OpenAPI 3.1 has it) of what a caller sends (`input`) or is sent (`output`).
 * @param named takes the schemas that have an `id`; what is answered refers to them as components of the document.
 */
export function toJsonSchema(schema: z.ZodType, io: "input" | "output", named?: Map<string, Json>): Json {
  const {
    $schema: _dialect,
    $defs,
    ...json
  } = z.toJSONSchema(schema, { io, override: tidy, unrepresentable: "any" });
  if (named === undefined) return $defs === undefined ? json : { ...json, $defs };
  const point = (value: Json): Json =>
    JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#/$defs/', '"$ref":"#/components/schemas/'));
  for (const [id, each] of Object.entries($defs ?? {})) {
    const { id: _id, ...rest } = each as Json;
    named.set(id, point(rest));
  }
  return point(json);
}
