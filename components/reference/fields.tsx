import type { ReactNode } from "react";
import { refName, type SchemaObject, toAnchor } from "./model";
import { Prose } from "./prose";

/** The words around the names, in the reader's language. */
export interface FieldWords {
  required: string;
  orNull: string;
  listOf: string;
}

/** `1–7`, `≤ 320`, `≥ 1`. */
function toRange(schema: SchemaObject): string | undefined {
  const pairs = [
    [schema.minimum, schema.maximum],
    [schema.minLength, schema.maxLength],
    [schema.minItems, schema.maxItems],
  ];
  const [least, most] = pairs.find((pair) => pair.some((bound) => bound !== undefined)) ?? [];
  if (least !== undefined && most !== undefined) return `${least}–${most}`;
  return most === undefined ? (least === undefined ? undefined : `≥ ${least}`) : `≤ ${most}`;
}

/** What a value is, in a word or as a link to the object that it is. */
function Type({ schema, words }: { schema: SchemaObject; words: FieldWords }): ReactNode {
  const name = refName(schema);
  if (name !== undefined)
    return (
      <a href={`#${toAnchor(name)}`} className="text-accent underline underline-offset-2">
        {name}
      </a>
    );
  const types = [schema.type ?? []].flat();
  const [plain = ""] = types.filter((type) => type !== "null");
  const range = toRange(schema);
  return (
    <>
      {plain === "array" ? `${words.listOf} ` : (schema.format ?? plain)}
      {schema.items && <Type schema={schema.items} words={words} />}
      {range !== undefined && ` ${range}`}
      {types.includes("null") && ` ${words.orNull}`}
    </>
  );
}

function choicesOf({ enum: values, const: only, items }: SchemaObject): unknown[] {
  if (values !== undefined) return values.filter((value) => value !== null);
  if (only !== undefined) return [only];
  return items === undefined ? [] : choicesOf(items);
}

const insideOf = (schema: SchemaObject) =>
  schema.properties ? schema : schema.items?.properties ? schema.items : undefined;

/** One named value: what it is, whether it must be there, what it means. */
export function Field({
  name,
  schema,
  isRequired,
  words,
  description = schema.description,
}: {
  name: string;
  schema: SchemaObject;
  isRequired: boolean;
  words: FieldWords;
  description?: string | undefined;
}) {
  const choices = choicesOf(schema);
  const inside = insideOf(schema);
  return (
    <li className="py-1.5">
      <span className="flex flex-wrap items-baseline gap-x-2">
        <code className="break-all font-mono text-xs">{name}</code>
        <span className="text-ink-soft text-xs">
          <Type schema={schema} words={words} />
        </span>
        {isRequired && <span className="font-medium text-warn text-xs">{words.required}</span>}
      </span>
      {(description !== undefined || choices.length > 0) && (
        <span className="mt-0.5 block text-ink-soft text-xs">
          {description !== undefined && <Prose text={description} />}{" "}
          <Prose text={choices.map((each) => `\`${String(each)}\``).join(" ")} />
        </span>
      )}
      {inside && (
        <div className="mt-1 ml-1 border-l pl-3">
          <Fields schema={inside} words={words} />
        </div>
      )}
    </li>
  );
}

/** The fields of a body, those inside of others below them. */
export function Fields({ schema, words }: { schema: SchemaObject; words: FieldWords }) {
  const inside = insideOf(schema);
  if (inside === undefined)
    return (
      <p className="py-1.5 text-ink-soft text-xs">
        <Type schema={schema} words={words} />
      </p>
    );
  return (
    <ul className="divide-y divide-line/60">
      {Object.entries(inside.properties ?? {}).map(([name, each]) => (
        <Field
          key={name}
          name={name}
          schema={each}
          isRequired={inside.required?.includes(name) ?? false}
          words={words}
        />
      ))}
    </ul>
  );
}
