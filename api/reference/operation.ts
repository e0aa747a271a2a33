import type { z } from "zod";

/** What a call may answer. */
export interface Answer {
  description: string;
  /** Of the body; none: it is empty. */
  schema?: z.ZodType;
  /** Of a body that zod knows nothing of. */
  jsonSchema?: object;
  /** Where it isn't the door's own. */
  mediaType?: string;
  headers?: Readonly<Record<string, string>>;
}

/** A request and what it is answered, as the reference shows them; a test sends each. */
export interface Example {
  summary: string;
  params?: Readonly<Record<string, string>>;
  query?: Readonly<Record<string, string>>;
  body?: unknown;
  status: number;
  /** undefined: the body is empty, or no JSON. */
  answer?: unknown;
}

/** Who may call: any of these, each by a scheme of the reference with the scopes that it needs there. */
export type Security = readonly Readonly<Record<string, readonly string[]>>[];

/** A call that a door for programs answers: what it is parsed by, and what is said of it. */
export interface Operation<Body extends z.ZodType = z.ZodType, Query extends z.ZodObject = z.ZodObject> {
  /** Its name in the reference, once in all doors. */
  id: string;
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Below the door's own, with `{name}` where a part is the caller's. */
  path: string;
  summary: string;
  description?: string;
  /** Where it differs from the door's. */
  security?: Security;
  params?: Readonly<Record<string, string>>;
  query?: Query;
  body?: Body;
  /** Of a body that zod doesn't read. */
  jsonBody?: object;
  /** A body may stay away. */
  isBodyOptional?: true;
  answers: Readonly<Record<number, Answer>>;
  /** Which of the door's refusals it knows, besides those that every call does. */
  refusals?: readonly number[];
  examples?: Readonly<Record<string, Example>>;
}

/** A door for programs. */
export interface Door {
  name: string;
  /** What all its paths begin with. */
  path: string;
  about: string;
  security: Security;
  /** Of what types bodies may be. */
  takes: readonly string[];
  /** Of what type answers are. */
  gives: string;
  /** How it says no, by status. */
  refusals: Readonly<Record<number, Answer>>;
  /** Those that every call knows. */
  always: readonly number[];
  /** Those that every call with a body knows. */
  withBody: readonly number[];
  operations: Readonly<Record<string, Operation>>;
}

/** Holds an operation's types. */
export function operation<Body extends z.ZodType, Query extends z.ZodObject>(
  given: Operation<Body, Query>,
): Operation<Body, Query> {
  return given;
}
