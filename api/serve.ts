import "server-only";
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from "fastify";
import type { z } from "zod";
import type { Operation } from "./reference/operation";

/** A request whose query and body were parsed by its operation. */
export type Parsed<Op, Params = Record<string, string>> =
  Op extends Operation<infer Body, infer Query>
    ? FastifyRequest<{ Params: Params; Body: z.output<Body>; Querystring: z.output<Query> }>
    : never;

/** A body or a query that isn't what its operation takes; the message names the place and what is wrong, never the content. */
export class Unfitting extends Error {
  readonly statusCode = 400;
}

function describe({ issues: [issue] }: z.ZodError, part: string): string {
  const path = issue?.path.slice(0, 4).filter((key) => typeof key !== "symbol") ?? [];
  const place = path.length === 0 ? part : `/${path.join("/").slice(0, 100)}`;
  return issue?.code === "unrecognized_keys"
    ? `${place} has more than this call takes`
    : `${place}: ${issue?.message}`;
}

/**
 * Has `app` parse by the schemas of its operations.
 * @param read what a body is, before it is parsed. @throws {Unfitting} for one that is nothing.
 */
export function parseByOperations(
  app: FastifyInstance,
  read: (body: unknown) => unknown = (body) => body,
): void {
  const parse = (schema: z.ZodType, value: unknown, part: string) => {
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw new Unfitting(describe(parsed.error, part));
    return { value: parsed.data };
  };
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (value) => {
    try {
      return httpPart === "body" ? parse(schema, read(value), "The body") : parse(schema, value, "The query");
    } catch (error) {
      return { error: error as Error };
    }
  });
}

/** Answers an operation at its place below the door's. */
export function serve<Body extends z.ZodType, Query extends z.ZodObject>(
  app: FastifyInstance,
  operation: Operation<Body, Query>,
  handler: (request: Parsed<Operation<Body, Query>, never>, reply: FastifyReply) => unknown,
  options: RouteShorthandOptions = {},
): void {
  const { method, path, body, query } = operation;
  app.route({
    ...options,
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ":$1"),
    schema: { ...options.schema, ...(body && { body }), ...(query && { querystring: query }) },
    handler: handler as (request: FastifyRequest, reply: FastifyReply) => unknown,
  });
}
