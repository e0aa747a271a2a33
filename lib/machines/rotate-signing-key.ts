import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { countPinned, lockKeys, selectKeys, updateEndedKey, updateInForce } from "./key-store";
import { findInForce, makeKey } from "./signing-key";

/** A signing key as the console shows it. */
export interface SigningKeyView {
  /** Its fingerprint. */
  readonly id: string;
  readonly state: "announced" | "in_force" | "older" | "ended";
  readonly createdAt: Date;
  readonly inForceAt: Date | null;
  readonly endedAt: Date | null;
  /** How many enrolled machines said last that they pin it. */
  readonly machines: number;
}

/**
 * Lists every signing key, the oldest first, with how many machines pin it.
 * @throws {Denied} without `machine:read`.
 */
export async function listSigningKeys(ctx: Context): Promise<SigningKeyView[]> {
  await requirePermission(ctx, "machine:read");
  return inTransaction(async (tx) => {
    const keys = await selectKeys(tx);
    const pinned = await countPinned(tx);
    const inForce = findInForce(keys);
    return keys.map(({ id, createdAt, inForceAt, endedAt }) => ({
      id,
      createdAt,
      inForceAt,
      endedAt,
      machines: pinned.get(id) ?? 0,
      state:
        endedAt !== null
          ? "ended"
          : inForceAt === null
            ? "announced"
            : id === inForce?.id
              ? "in_force"
              : "older",
    }));
  });
}

type KeyEvent = "signing-key.announced" | "signing-key.in-force" | "signing-key.ended";

async function record(tx: Tx, ctx: Context, kind: KeyEvent, id: string, machines?: number): Promise<void> {
  await recordEvent(tx, ctx, {
    kind,
    outcome: "ok",
    target: { kind: "signing-key", id },
    ...(machines === undefined ? {} : { details: { machines } }),
  });
}

/**
 * Announces the next signing key: from now on it travels in every package, signed by the key that its machine pins, and the
 * machine pins it besides. New machines pin the one in force still. The first of three steps, days apart.
 * @returns its fingerprint. Refuses `step_up_needed` (staff who showed their second factor too long ago), and `announced` where one is already.
 * @throws {Denied} without `machine:manage`.
 * @see audit `signing-key.announced`; offline, "Enrolment": keys rotate
 */
export async function announceSigningKey(
  ctx: Context,
): Promise<Success<{ id: string }> | Refusal<"step_up_needed" | "announced">> {
  await requirePermission(ctx, "machine:manage");
  const kind = "signing-key.announced";
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, { kind }, refuse("step_up_needed"));
    await lockKeys(tx);
    const keys = await selectKeys(tx);
    if (keys.some((key) => key.inForceAt === null && key.endedAt === null))
      return recordRefusal(tx, ctx, { kind }, refuse("announced"));
    const id = await makeKey(tx, false);
    await record(tx, ctx, kind, id);
    return { ok: true, id };
  });
}

/**
 * Puts the announced key in force: new machines pin it. Those that pin the older one are served by that until they have
 * synced, so nothing breaks for a laptop that lies in a drawer. The second step.
 * @returns its fingerprint. Refuses `step_up_needed`, as `announceSigningKey` does, and `none_announced`.
 * @throws {Denied} without `machine:manage`.
 * @see audit `signing-key.in-force`
 */
export async function putSigningKeyInForce(
  ctx: Context,
): Promise<Success<{ id: string }> | Refusal<"step_up_needed" | "none_announced">> {
  await requirePermission(ctx, "machine:manage");
  const kind = "signing-key.in-force";
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, { kind }, refuse("step_up_needed"));
    await lockKeys(tx);
    const id = await updateInForce(tx);
    if (id === undefined) return recordRefusal(tx, ctx, { kind }, refuse("none_announced"));
    await record(tx, ctx, kind, id);
    return { ok: true, id };
  });
}

/**
 * Ends a key: no package is signed by it any more, and its private half is deleted. The last step.
 * @param input.force end it although machines pin it still: they must be enrolled anew. For a key that somebody else has.
 * @returns how many machines must be enrolled anew. Refuses `step_up_needed`, `not_found` (unknown, or ended before), `in_force` (the one that new
 *   machines pin) and, unless forced, `pinned` with the number of machines that pin it.
 * @throws {Denied} without `machine:manage`.
 * @see audit `signing-key.ended`
 */
export async function endSigningKey(
  ctx: Context,
  input: { id: string; force: boolean },
): Promise<
  | Success<{ machines: number }>
  | Refusal<"step_up_needed" | "not_found" | "in_force">
  | Refusal<"pinned", { machines: number }>
> {
  await requirePermission(ctx, "machine:manage");
  const kind = "signing-key.ended";
  return inTransaction(async (tx) => {
    if (needsStepUp(ctx.actor)) return recordRefusal(tx, ctx, { kind }, refuse("step_up_needed"));
    await lockKeys(tx);
    const keys = await selectKeys(tx);
    if (!keys.some(({ id, endedAt }) => id === input.id && endedAt === null))
      return recordRefusal(tx, ctx, { kind }, refuse("not_found"));
    if (findInForce(keys)?.id === input.id) return recordRefusal(tx, ctx, { kind }, refuse("in_force"));
    const machines = (await countPinned(tx)).get(input.id) ?? 0;
    if (machines > 0 && !input.force) return recordRefusal(tx, ctx, { kind }, refuse("pinned", { machines }));
    await updateEndedKey(tx, input.id);
    await record(tx, ctx, kind, input.id, machines);
    return { ok: true, machines };
  });
}
