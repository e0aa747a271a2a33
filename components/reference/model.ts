// What the page reads of an OpenAPI 3.1 document: as much as our own has.

/** JSON Schema, 2020-12. */
export interface SchemaObject {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, SchemaObject>;
  required?: string[];
  items?: SchemaObject;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

interface ExampleObject {
  summary: string;
  value: unknown;
}

/** What a body is, in one of its forms. */
export interface MediaTypeObject {
  schema: SchemaObject;
  examples?: Record<string, ExampleObject>;
}

/** A part of the path or of the query. */
export interface ParameterObject {
  name: string;
  in: "path" | "query";
  required: boolean;
  description?: string;
  schema: SchemaObject;
  examples?: Record<string, ExampleObject>;
}

/** An answer. */
export interface ResponseObject {
  description: string;
  headers?: Record<string, { description: string }>;
  content?: Record<string, MediaTypeObject>;
}

/** A call. */
export interface OperationObject {
  operationId: string;
  tags: [string];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters?: ParameterObject[];
  requestBody?: { required: boolean; content: Record<string, MediaTypeObject> };
  responses: Record<string, ResponseObject>;
}

interface SecuritySchemeObject {
  type: string;
  description: string;
  flows?: { clientCredentials: { tokenUrl: string; scopes: Record<string, string> } };
}

/** A whole reference. */
export interface OpenApi {
  info: { title: string; summary: string; description: string };
  servers: [{ url: string }];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: {
    securitySchemes: Record<string, SecuritySchemeObject>;
    schemas: Record<string, SchemaObject>;
  };
}

/** A call with the place where it stands. */
export interface Call {
  method: string;
  path: string;
  operation: OperationObject;
}

/** All calls of a door, in their order. */
export function callsOf({ paths }: OpenApi, tag: string): Call[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { tags }]) => tags.includes(tag))
      .map(([method, operation]) => ({ method, path, operation })),
  );
}

/** How a door says no, by status: what any of its calls says of it. */
export function refusalsOf(calls: readonly Call[]): [string, ResponseObject][] {
  const all = new Map<string, ResponseObject>();
  for (const { operation } of calls)
    for (const [status, response] of Object.entries(operation.responses))
      if (Number(status) >= 400 && !all.has(status)) all.set(status, response);
  return [...all].sort(([a], [b]) => Number(a) - Number(b));
}

/** An address within a page, and of a door's own, that `name` goes by. */
export const toAnchor = (name: string) => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");

/** Where a door is described. */
export const toDoorPath = (tag: string) => `/docs/api/${toAnchor(tag)}`;

/** The name of the document's own object that `schema` is. */
export const refName = ({ $ref }: SchemaObject) => $ref?.replace("#/components/schemas/", "");

/** The objects that calls speak of, those inside of others too. */
export function objectsOf({ components }: OpenApi, calls: readonly Call[]): [string, SchemaObject][] {
  const named = (value: unknown) =>
    [...JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)].flatMap(([, name]) => name ?? []);
  const found = new Set<string>();
  const waiting = named(calls);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...named(components.schemas[name] ?? {}));
  }
  return Object.entries(components.schemas).filter(([name]) => found.has(name));
}
