import "server-only";
import { PassThrough, pipeline, Readable } from "node:stream";
import type { z } from "zod";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import type { MadeFile } from "@/lib/platform/csv-file";
import type { Success } from "@/lib/platform/outcome";
import { admitStaff, parseInput, reportFault } from "./door";
import { findSessionOf, type StaffContext } from "./live-session";
import type { Permission } from "./model";
import { type DoorRefusal, statusOfDoorReason } from "./outcome";
import { toRequestContext } from "./request";
import { findSessionToken } from "./session-cookie";

type Handler = (
  request: Request,
  route: { params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>;

/** The headers of a request, of whatever server. */
type Headed = Pick<Headers, "get">;

/** Reads what a request asks for; called once it is known who asks. */
type ReadGiven = () => Record<string, unknown> | Promise<Record<string, unknown>>;

/** What a read of the console is answered with: JSON that no copy is kept of. */
export interface StaffAnswer {
  readonly status: number;
  readonly body: object;
  readonly requestId: string;
}

function toResponse({ status, body, requestId }: StaffAnswer): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", "x-request-id": requestId } });
}

const toRefusal = (refusal: DoorRefusal): StaffAnswer => ({
  status: statusOfDoorReason[refusal.reason],
  body: refusal,
  requestId: refusal.requestId,
});

/** What must hold of who asks, and of what. */
interface Rules<S extends z.ZodType> {
  permission: Permission | null;
  schema: S;
  background?: boolean;
  writes?: boolean;
}

/**
 * Does `work` for staff: checks the session (both factors) and the permission, and parses what they asked. Everything that
 * goes wrong, in `work` too, is a `DoorRefusal`: 400, 401, 403, 500 or 503.
 */
async function answerStaff<S extends z.ZodType, R>(
  { permission, schema, background = false, writes = false }: Rules<S>,
  headers: Headed,
  readGiven: ReadGiven,
  work: (ctx: StaffContext, input: z.output<S>) => Promise<R>,
): Promise<R | DoorRefusal> {
  const context: Context = { actor: { kind: "user" }, ...toRequestContext(headers) };
  const { requestId } = context;
  try {
    if (writes && !isSameOrigin(headers)) return { ok: false, reason: "denied", requestId };
    const token = await findSessionToken(headers);
    const ctx = await admitStaff(context, permission, async () =>
      token === undefined ? undefined : findSessionOf(token, { background }),
    );
    if ("ok" in ctx) return ctx;
    const input = parseInput(schema, await readGiven(), requestId);
    return input.ok ? await work(ctx, input.value) : input;
  } catch (error) {
    return reportFault(error, requestId);
  }
}

/** Builds a route handler whose `work` answers with more than JSON, and has the request. */
function buildRoute<S extends z.ZodType>(
  rules: Rules<S>,
  work: (ctx: StaffContext, input: z.output<S>, request: Request) => Promise<Response>,
): Handler {
  return async (request, route) => {
    const answered = await answerStaff(
      rules,
      request.headers,
      () => readGiven(request, route),
      (ctx, input) => work(ctx, input, request),
    );
    return answered instanceof Response ? answered : toResponse(toRefusal(answered));
  };
}

async function readGiven(request: Request, route: Parameters<Handler>[1]): Promise<Record<string, unknown>> {
  const query = new URL(request.url).searchParams;
  const given: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    given[name] = values.length === 1 ? values[0] : values;
  }
  return { ...given, ...(await route.params) };
}

/** Whether a page of ours sent the request: a cookie alone says only whose browser did (ASVS 3.5.1). */
function isSameOrigin(headers: Headed): boolean {
  const origin = parseOrigin(headers.get("origin"));
  return origin !== null && [headers.get("host"), new URL(getConfig().BASE_URL).host].includes(origin.host);
}

function parseOrigin(origin: string | null): URL | null {
  return origin !== null && URL.canParse(origin) ? new URL(origin) : null;
}

const toAnswer = (result: object, requestId: string): StaffAnswer => ({
  status: "ok" in result && result.ok === false ? 422 : 200,
  body: result,
  requestId,
});

/**
 * Builds a read of the console for whatever server: checks the session (both factors) and `permission`, parses what was given,
 * and answers 200 with what `work` answers (422 where that is a refusal), 400, 401, 403, 500 or 503 with a `DoorRefusal`.
 * @param options.background it is asked again and again by itself, so it does not keep an idle session alive.
 */
export function staffQuery<S extends z.ZodType, Result extends object>(
  permission: Permission | null,
  schema: S,
  work: (ctx: StaffContext, input: z.output<S>) => Promise<Result>,
  options: { background?: boolean } = {},
): (headers: Headed, readGiven: ReadGiven) => Promise<StaffAnswer> {
  return async (headers, readGiven) => {
    const answered = await answerStaff(
      { permission, schema, ...options },
      headers,
      readGiven,
      async (ctx, input) => ({
        result: await work(ctx, input),
        requestId: ctx.requestId,
      }),
    );
    return "result" in answered ? toAnswer(answered.result, answered.requestId) : toRefusal(answered);
  };
}

/** Builds the GET of a route handler that TanStack Query reads, out of a `staffQuery` of the URL's query and the route's parameters together. */
export function staffRead<S extends z.ZodType, Result extends object>(
  ...rules: Parameters<typeof staffQuery<S, Result>>
): Handler {
  const ask = staffQuery(...rules);
  return async (request, route) => toResponse(await ask(request.headers, () => readGiven(request, route)));
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
  return buildRoute({ permission, schema, writes: true }, async (ctx, input, request) => {
    const { requestId } = ctx;
    const bytes = await readBytes(request, bytesMax);
    return toResponse(
      bytes === undefined
        ? toRefusal({ ok: false, reason: "invalid", requestId })
        : toAnswer(await work(ctx, input, bytes), requestId),
    );
  });
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
  return buildRoute({ permission, schema }, async (ctx, input) => {
    const file = await work(ctx, input);
    if (!file.ok) return toResponse({ status: 404, body: file, requestId: ctx.requestId });
    const pieces = new PassThrough();
    pipeline(Readable.from(file.pieces), pieces, () => undefined);
    return new Response(Readable.toWeb(pieces) as unknown as ReadableStream<Uint8Array>, {
      headers: {
        "content-type": file.type,
        "content-disposition": `attachment; filename="${file.name}"`,
        "cache-control": "no-store",
      },
    });
  });
}
