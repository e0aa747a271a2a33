import "server-only";
import { refresh } from "next/cache";
import { unstable_rethrow } from "next/navigation";
import { z } from "zod";
import type { Context } from "@/lib/platform/context";
import { admitStaff, parseInput, reportFault } from "./door";
import type { EnteringContext, StaffContext } from "./live-session";
import type { Permission } from "./model";
import type { DoorRefusal } from "./outcome";
import { requirePermission } from "./require-permission";
import { findSession, publicRequestContext } from "./session";

/** What a verb answers: done, or a refusal. */
type Answer = { ok: boolean };

/**
 * A server action: called with its input by a script, or by `useActionState` with the state before and a form.
 * The types help the caller only: whatever arrives is parsed.
 */
export interface Action<Input, Result extends Answer> {
  (input: Input): Promise<Result | DoorRefusal>;
  (previous: unknown, form: FormData): Promise<Result | DoorRefusal>;
}

function fieldsOf(form: FormData): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    if (name.startsWith("$ACTION")) continue;
    const values = form.getAll(name);
    fields[name] = values.length === 1 ? values[0] : values;
  }
  return fields;
}

function buildAction<C extends Context, S extends z.ZodType, Result extends Answer>(
  admit: (ctx: Context) => Promise<C | DoorRefusal>,
  schema: S,
  work: (ctx: C, input: z.output<S>) => Promise<Result>,
  permit: (ctx: C, input: z.output<S> | undefined) => Promise<void> = async () => undefined,
): Action<z.input<S>, Result> {
  return async (...args: unknown[]): Promise<Result | DoorRefusal> => {
    const request = await publicRequestContext();
    const { requestId } = request;
    try {
      const ctx = await admit(request);
      if ("ok" in ctx) return ctx;
      const given = args.at(-1);
      const input = parseInput(schema, given instanceof FormData ? fieldsOf(given) : given, requestId);
      await permit(ctx, input.ok ? input.value : undefined);
      return input.ok ? await work(ctx, input.value) : input;
    } catch (error) {
      unstable_rethrow(error);
      return reportFault(error, requestId);
    }
  };
}

/**
 * Builds a server action for staff: a public POST endpoint that checks the session (both factors), parses the input, checks
 * `permission`, whatever the input, and answers every error as a `DoorRefusal`. Redirects of Next pass.
 * @param permission null: any staff member may, for what concerns only their own account.
 */
export function staffAction<S extends z.ZodType, Result extends Answer>(
  permission: Permission | null,
  schema: S,
  work: (ctx: StaffContext, input: z.output<S>) => Promise<Result>,
): Action<z.input<S>, Result> {
  return buildAction(
    (request) => admitStaff(request, null, findSession),
    schema,
    work,
    async (ctx, input) => {
      if (permission !== null) await requirePermission(ctx, permission, toWhom(input));
    },
  );
}

const named = z.object({ userId: z.uuid().optional(), grantId: z.uuid().optional() });

/** Whom or what an input is about, for the event of a denial. */
function toWhom(input: unknown): { userId?: string; grantId?: string } {
  const { userId, grantId } = named.safeParse(input).data ?? {};
  return { ...(userId && { userId }), ...(grantId && { grantId }) };
}

/** Builds a server action for everybody: nobody is proven (`actor: user`), the input is parsed, errors are answered as by `staffAction`. */
export function publicAction<S extends z.ZodType, Result extends Answer>(
  schema: S,
  work: (ctx: Context, input: z.output<S>) => Promise<Result>,
): Action<z.input<S>, Result> {
  return buildAction(async (request) => request, schema, work);
}

/**
 * Builds a server action for the plain form of a public page, which works with scripts and without: it never answers, but
 * leads on by a redirect of Next, or stays where it is. The way back from there shows no page as it was before.
 * @param lost where a refusal of the door itself leads (the database away, something broken), with the form as it came.
 */
export function publicForm<S extends z.ZodType>(
  schema: S,
  work: (ctx: Context, input: z.output<S>) => Promise<void>,
  lost: (refusal: DoorRefusal, form: FormData) => never,
): (form: FormData) => Promise<void> {
  const act = publicAction(schema, async (ctx, input) => {
    refresh();
    await work(ctx, input);
    return { ok: true };
  }) as (form: unknown) => Promise<{ ok: true } | DoorRefusal>;
  return async (form) => {
    const answer = await act(form);
    if (!answer.ok) lost(answer, form instanceof FormData ? form : new FormData());
  };
}

/**
 * Builds a server action for who is on the way in: a live session, whether a second factor was shown in it or not.
 * Only the steps that show or enrol one may use it.
 */
export function enteringAction<S extends z.ZodType, Result extends Answer>(
  schema: S,
  work: (ctx: EnteringContext, input: z.output<S>) => Promise<Result>,
): Action<z.input<S>, Result> {
  return buildAction(
    async (request) => {
      const session = await findSession();
      if (session === undefined)
        return { ok: false, reason: "signed_out", requestId: request.requestId } satisfies DoorRefusal;
      return { ...request, session };
    },
    schema,
    work,
  );
}
