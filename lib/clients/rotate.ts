import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { forgetClients } from "./cache";
import { type ClientSecret, makeCredential } from "./credential";
import type { RotateClientInput } from "./input";
import type { ClientView } from "./model";
import type { PublicKeyRefusal } from "./read-public-key";
import { findLiveKind, updateCredential } from "./store";

/** A client with another secret: the only time that it can be read. `no_public_key`: its kind takes none. */
export type RotateClientResult =
  | (Success<{ client: ClientView }> & ClientSecret)
  | Refusal<"step_up_needed" | "not_found" | "no_public_key" | PublicKeyRefusal>;

/**
 * Gives a client another key, in place of the one that it has: what was signed by the old one, and the tokens that it got, open nothing
 * any more, in this process at once, in others within `clientCacheSeconds`. Its public id, role, scopes and name stay.
 *
 * @param input.publicKey of an OAuth client, as in `createClient`; without it a pair is made.
 * Refuses `step_up_needed` (staff who showed their second factor over 15 minutes ago); `not_found` where no such client lives, or
 * one that has no secret, as Entra;
 * `no_public_key`; `bad_key`, `private_key`, `weak_key` as `readPublicKey`.
 * @throws {Denied} without `client:manage`.
 * Records `client.rotated`.
 * @see limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function rotateClient(ctx: Context, input: RotateClientInput): Promise<RotateClientResult> {
  await requirePermission(ctx, "client:manage");
  const { clientId, publicKey } = input;
  const event = { kind: "client.rotated", target: { kind: "client", id: clientId } } as const;
  const refused = <Reason extends string>(reason: Reason) =>
    inTransaction((tx) => recordRefusal(tx, ctx, event, refuse(reason)));
  if (needsStepUp(ctx.actor)) return refused("step_up_needed");
  const kind = await inStatement((tx) => findLiveKind(tx, clientId));
  if (kind === undefined || kind === "entra") return refused("not_found");
  if (kind !== "oauth" && publicKey != null) return refused("no_public_key");
  const made = await makeCredential(kind, publicKey ?? undefined);
  if (!made.ok) return refused(made.reason);
  const client = await inTransaction(async (tx) => {
    const rotated = await updateCredential(tx, clientId, made.credential.kept);
    if (rotated !== undefined) await recordEvent(tx, ctx, { ...event, outcome: "ok", details: { kind } });
    return rotated;
  });
  forgetClients();
  return client === undefined
    ? refused("not_found")
    : { ok: true, client, ...made.credential.toSecret(client) };
}
