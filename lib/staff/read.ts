import "server-only";
import { headers } from "next/headers";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import { admitStaff, parseInput, toDoorRefusal } from "./action";
import { findSessionToken } from "./auth";
import { findSessionOf, type StaffContext } from "./live-session";
import type { Permission } from "./model";
import { type DoorRefusal, statusOfDoorReason } from "./outcome";
import { publicRequestContext } from "./session";

type Handler = (
  request: Request,
  route: { params: Promise<Record<string, string | string[] | undefined>> },
) => Promise<Response>;

function answer(body: object, status: number, requestId: string): Response {
  return Response.json(body, { status, headers: { "cache-control": "no-store", "x-request-id": requestId } });
}

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
  return async (request, route) => {
    const context = await publicRequestContext();
    const { requestId } = context;
    const refuse = (refusal: DoorRefusal) => answer(refusal, statusOfDoorReason[refusal.reason], requestId);
    try {
      const token = await findSessionToken(await headers());
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
      if (!input.ok) return refuse(input);
      const result = await work(ctx, input.value);
      return answer(result, "ok" in result && result.ok === false ? 422 : 200, requestId);
    } catch (error) {
      unstable_rethrow(error);
      return refuse(toDoorRefusal(error, requestId));
    }
  };
}
