import "server-only";
import { PassThrough, pipeline, Readable } from "node:stream";
import type { z } from "zod";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import type { MadeFile } from "@/lib/platform/csv-file";
import type { Success } from "@/lib/platform/outcome";
import { admitStaff, parseInput, toDoorRefusal } from "./door";
import { findSessionOf, type StaffContext } from "./live-session";
import type { Permission } from "./model";
import { type DoorRefusal, statusOfDoorReason } from "./outcome";
import { toRequestContext } from "./request";
import { findSessionToken } from "./session-cookie";

type Handler = (
  request: Request,
  route: { params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>;

function answer(body: object, status: number, requestId: string): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", "x-request-id": requestId } });
}

/** What a route handler of staff does once who asks, and what for, is known. */
type Work<S extends z.ZodType> = (
  ctx: StaffContext,
  input: z.output<S>,
  request: Request,
) => Promise<Response>;

/**
 * Builds a route handler for staff: checks the session (both factors) and `permission`, parses the query and the route's parameters
 * together, and answers every error as a `DoorRefusal` in JSON: 400, 401, 403, 500 or 503.
 */
function buildRoute<S extends z.ZodType>(
  permission: Permission | null,
  schema: S,
  work: Work<S>,
  { background = false, writes = false }: { background?: boolean; writes?: boolean },
): Handler {
  return async (request, route) => {
    const { headers } = request;
    const context: Context = { actor: { kind: "user" }, ...toRequestContext(headers) };
    const { requestId } = context;
    const refuse = (refusal: DoorRefusal) => answer(refusal, statusOfDoorReason[refusal.reason], requestId);
    try {
      if (writes && !isSameOrigin(headers)) return refuse({ ok: false, reason: "denied", requestId });
      const token = await findSessionToken(headers);
      const ctx = await admitStaff(context, permission, async () =>
        token === undefined ? undefined : findSessionOf(token, { background }),
      );
      if ("ok" in ctx) return refuse(ctx);
      const query = new URL(request.url).searchParams;
      const given: Record<string, unknown> = {};
      for (const name of new Set(query.keys())) {
        const values = query.getAll(name);
        given[name] = values.length === 1 ? values[0] : values;
      }
      const input = parseInput(schema, { ...given, ...(await route.params) }, requestId);
      return input.ok ? await work(ctx, input.value, request) : refuse(input);
    } catch (error) {
      return refuse(toDoorRefusal(error, requestId));
    }
  };
}

/** Whether a page of ours sent the request: a cookie alone says only whose browser did (ASVS 3.5.1). */
function isSameOrigin(headers: Headers): boolean {
  const origin = parseOrigin(headers.get("origin"));
  return origin !== null && [headers.get("host"), new URL(getConfig().BASE_URL).host].includes(origin.host);
}

function parseOrigin(origin: string | null): URL | null {
  return origin !== null && URL.canParse(origin) ? new URL(origin) : null;
}

const toJson = (result: object, requestId: string) =>
  answer(result, "ok" in result && result.ok === false ? 422 : 200, requestId);

/**
 * Builds the GET of a route handler that TanStack Query reads: checks the session (both factors) and `permission`, parses
 * the query and the route's parameters together, answers JSON: 200 with what `work` answers (422 where that is a refusal),
 * 400, 401, 403, 500 or 503 with a `DoorRefusal`.
 * @param options.background it is asked again and again by itself, so it does not keep an idle session alive.
 */
export function staffRead<S extends z.ZodType, Result extends object>(
  permission: Permission | null,
  schema: S,
  work: (ctx: StaffContext, input: z.output<S>) => Promise<Result>,
  { background = false }: { background?: boolean } = {},
): Handler {
  return buildRoute(permission, schema, async (ctx, input) => toJson(await work(ctx, input), ctx.requestId), {
    background,
  });
}

/**
 * Builds the PUT of a route handler that takes bytes from a page of ours, answered as by `staffRead`; from elsewhere it is denied.
 * Not a byte is read before who sends them may.
 * @param bytesMax more are not read: 400.
 */
export function staffUpload<S extends z.ZodType, Result extends object>(
  permission: Permission,
  schema: S,
  bytesMax: number,
  work: (ctx: StaffContext, input: z.output<S>, bytes: Uint8Array) => Promise<Result>,
): Handler {
  return buildRoute(
    permission,
    schema,
    async (ctx, input, request) => {
      const bytes = await readBytes(request, bytesMax);
      return bytes === undefined
        ? answer({ ok: false, reason: "invalid", requestId: ctx.requestId }, 400, ctx.requestId)
        : toJson(await work(ctx, input, bytes), ctx.requestId);
    },
    { writes: true },
  );
}

async function readBytes({ body }: Request, bytesMax: number): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > bytesMax) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * Builds the GET of a route handler that answers with a file, made as it is read; a refusal of `work` is 404.
 * Other errors are answered as by `staffRead`.
 */
export function staffDownload<S extends z.ZodType>(
  permission: Permission,
  schema: S,
  work: (ctx: StaffContext, input: z.output<S>) => Promise<Success<MadeFile> | { ok: false }>,
): Handler {
  return buildRoute(
    permission,
    schema,
    async (ctx, input) => {
      const file = await work(ctx, input);
      if (!file.ok) return answer(file, 404, ctx.requestId);
      const pieces = new PassThrough();
      pipeline(Readable.from(file.pieces), pieces, () => undefined);
      return new Response(Readable.toWeb(pieces) as unknown as ReadableStream<Uint8Array>, {
        headers: {
          "content-type": file.type,
          "content-disposition": `attachment; filename="${file.name}"`,
          "cache-control": "no-store",
        },
      });
    },
    {},
  );
}
