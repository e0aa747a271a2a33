import "server-only";
import { z } from "zod";
import type { Context } from "@/lib/platform/context";
import { getLog } from "@/lib/platform/log";
import { Denied } from "@/lib/platform/outcome";
import { isDatabaseAway } from "@/lib/platform/transaction";
import { type StaffContext, toStaffContext } from "./live-session";
import type { Permission } from "./model";
import type { DoorReason, DoorRefusal } from "./outcome";
import { requirePermission } from "./require-permission";
import type { LiveSession } from "./session-store";

/** The context of the staff member whom `find` finds, or the refusal of who has none, no second factor, or no `permission`. */
export async function admitStaff(
  request: Context,
  permission: Permission | null,
  find: () => Promise<LiveSession | undefined>,
): Promise<StaffContext | DoorRefusal> {
  const { requestId } = request;
  const session = await find();
  if (session === undefined) return { ok: false, reason: "signed_out", requestId };
  const ctx = toStaffContext(session, request);
  if (ctx === undefined) return { ok: false, reason: "second_factor", requestId };
  if (permission !== null) await requirePermission(ctx, permission);
  return ctx;
}

/** Reports an error that a verb threw: anything but a denial is logged under the request id. @returns the door's answer. */
export function reportFault(error: unknown, requestId: string): DoorRefusal {
  if (error instanceof Denied) return { ok: false, reason: "denied", requestId };
  const reason: DoorReason = isDatabaseAway(error) ? "unavailable" : "fault";
  getLog().error({ err: error, requestId }, reason);
  return { ok: false, reason, requestId };
}

/** Parses what arrived at a door; a refusal names the fields that are wrong. */
export function parseInput<S extends z.ZodType>(
  schema: S,
  input: unknown,
  requestId: string,
): { ok: true; value: z.output<S> } | DoorRefusal {
  const parsed = schema.safeParse(input);
  if (parsed.success) return { ok: true, value: parsed.data };
  const { fieldErrors } = z.flattenError(parsed.error);
  return { ok: false, reason: "invalid", requestId, fields: fieldErrors as Record<string, string[]> };
}
