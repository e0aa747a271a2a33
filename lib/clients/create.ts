import "server-only";
import type { z } from "zod";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { assertNever, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { type ClientSecret, makeAccessId, makeCredential } from "./credential";
import { type CreateClientInput, createClientInput } from "./input";
import {
  type ClientKind,
  type ClientView,
  entraDiscoveryUrl,
  liveMax,
  type OpenidSettings,
  scimScope,
} from "./model";
import type { PublicKeyRefusal } from "./read-public-key";
import { countLive, insertClient, lockKind } from "./store";

/** A client just made, with its secret: the only time that it can be read. */
export type CreateClientResult =
  | (Success<{ client: ClientView }> & ClientSecret)
  | Refusal<"step_up_needed" | "too_many" | PublicKeyRefusal>;

/**
 * Creates a client: a legacy key, a key for the Authentication API, or an OAuth client, by the public key that its owner brings or by
 * a pair made now; an application that signs people in by OpenID Connect; or Microsoft Entra, which brings its own word and no secret;
 * a directory that brings people in by SCIM.
 *
 * The secret half is in the answer and nowhere else: of a key pair the public half is stored, of a client key its SHA-256.
 *
 * @param given `createClientInput`; staff with `client:manage` may change all of it.
 * Refuses `step_up_needed` (staff who showed their second factor over 15 minutes ago); `too_many` where so many of the kind live as
 * may (`liveMax`); `bad_key`, `private_key`, `weak_key` as `readPublicKey`.
 * @throws {Denied} without `client:manage`.
 * Records `client.created`.
 * @see rest, 1 "Who calls", 2; limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function createClient(ctx: Context, given: CreateClientInput): Promise<CreateClientResult> {
  await requirePermission(ctx, "client:manage");
  const event = { kind: "client.created" } as const;
  if (needsStepUp(ctx.actor))
    return inTransaction((tx) => recordRefusal(tx, ctx, event, refuse("step_up_needed")));
  const input = createClientInput.parse(given);
  const { kind } = input;
  const made = await makeCredential(kind, kind === "oauth" ? (input.publicKey ?? undefined) : undefined);
  if (!made.ok) return inTransaction((tx) => recordRefusal(tx, ctx, event, made));
  return inTransaction(async (tx): Promise<CreateClientResult> => {
    if (await isFull(tx, kind)) return recordRefusal(tx, ctx, event, refuse("too_many"));
    const client = await insertClient(tx, {
      kind,
      name: input.name,
      callsPerSecond: input.callsPerSecond,
      createdBy: ctx.actor.kind === "staff" ? ctx.actor.staffId : ctx.actor.kind,
      role: kind === "legacy_key" ? input.role : null,
      scopes: kind === "oauth" ? input.scopes : kind === "scim" ? [scimScope] : [],
      accessId: makeAccessId(kind),
      openid: toOpenidSettings(input),
      ...made.credential.kept,
    });
    await recordEvent(tx, ctx, {
      ...event,
      outcome: "ok",
      target: { kind: "client", id: client.id },
      details: { kind, role: client.role, scopes: client.scopes.join(" ") },
    });
    return { ok: true, client, ...made.credential.toSecret(client) };
  });
}

function toOpenidSettings(input: z.output<typeof createClientInput>): OpenidSettings | null {
  switch (input.kind) {
    case "openid":
      return { redirectUris: input.redirectUris };
    case "entra": {
      const { tenantId, appId } = input;
      const discoveryUrl = input.discoveryUrl ?? entraDiscoveryUrl(tenantId);
      const answeredAt = new URL("/common/federation/externalauthprovider", discoveryUrl);
      answeredAt.protocol = "https:";
      return { redirectUris: [answeredAt.href], entra: { tenantId, appId, discoveryUrl } };
    }
    case "legacy_key":
    case "client_key":
    case "oauth":
    case "scim":
      return null;
    default:
      return assertNever(input);
  }
}

async function isFull(tx: Tx, kind: ClientKind): Promise<boolean> {
  const most = liveMax[kind];
  if (most === null) return false;
  await lockKind(tx, kind);
  return (await countLive(tx, kind)) >= most;
}
