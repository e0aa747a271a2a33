import "server-only";
import { generateKeyPair, randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { exportJWK } from "jose";
import { recordEvent } from "@/lib/audit/record";
import { getConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { digest, randomToken } from "@/lib/platform/keys";
import { assertNever, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import { type CreateClientInput, createClientInput } from "./input";
import { adminRestApiUrl, type ClientView, clientKeysMax, type KeyFile, legacyKeysMax } from "./model";
import { countLive, insertClient, lockKind } from "./store";

const makeKeyPair = promisify(generateKeyPair);
const rsaBits = 2048;

/** A client just made, with its secret: the only time that it can be read. */
export type CreateClientResult =
  | Success<{ kind: "legacy_key"; client: ClientView; keyFile: KeyFile }>
  | Success<{ kind: "client_key"; client: ClientView; clientKey: string }>
  | Success<{ kind: "oauth"; client: ClientView }>
  | Refusal<"step_up_needed" | "too_many">;

/**
 * Creates a client: a legacy key, a key for the Authentication API, or an OAuth client by its public key.
 *
 * The secret half is in the answer and nowhere else: of a key pair the public half is stored, of a client key its SHA-256.
 *
 * @param given `createClientInput`; staff with `client:manage` may change all of it.
 * Refuses `step_up_needed` (staff who showed their second factor over 15 minutes ago); `too_many` where 10 legacy keys or 10
 * client keys live.
 * @throws {Denied} without `client:manage`.
 * Records `client.created`.
 * @see rest, 1 "Who calls", 2; limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function createClient(ctx: Context, given: CreateClientInput): Promise<CreateClientResult> {
  await requirePermission(ctx, "client:manage");
  if (needsStepUp(ctx.actor, new Date())) return inTransaction((tx) => refused(tx, ctx, "step_up_needed"));
  const input = createClientInput.parse(given);
  const pair = input.kind === "legacy_key" ? await makeKeyPair("rsa", { modulusLength: rsaBits }) : undefined;
  const publicJwk = pair === undefined ? null : { ...(await exportJWK(pair.publicKey)) };
  return inTransaction(async (tx): Promise<CreateClientResult> => {
    if (await isFull(tx, input.kind)) return refused(tx, ctx, "too_many");
    const shared = {
      kind: input.kind,
      name: input.name,
      callsPerSecond: input.callsPerSecond,
      createdBy: ctx.actor.kind === "staff" ? ctx.actor.staffId : ctx.actor.kind,
    };
    const accessId = randomUUID();
    const record = (client: ClientView) =>
      recordEvent(tx, ctx, {
        kind: "client.created",
        outcome: "ok",
        target: { kind: "client", id: client.id },
        details: { kind: client.kind, role: client.role },
      });
    switch (input.kind) {
      case "legacy_key": {
        const client = await insertClient(tx, { ...shared, role: input.role, accessId, publicJwk });
        await record(client);
        const keyFile: KeyFile = {
          customerName: getConfig().SPAREKEY_COMPANY,
          accessID: accessId,
          accessKey: pair?.privateKey.export({ type: "pkcs1", format: "pem" }).toString() ?? "",
          adminRestApiUrl: adminRestApiUrl(getConfig().BASE_URL),
          description: input.name,
        };
        return { ok: true, kind: "legacy_key", client, keyFile };
      }
      case "client_key": {
        const clientKey = randomToken();
        const client = await insertClient(tx, { ...shared, secretDigest: digest(clientKey) });
        await record(client);
        return { ok: true, kind: "client_key", client, clientKey };
      }
      case "oauth": {
        const client = await insertClient(tx, {
          ...shared,
          scopes: input.scopes,
          accessId,
          publicJwk: { ...input.publicJwk },
        });
        await record(client);
        return { ok: true, kind: "oauth", client };
      }
      default:
        return assertNever(input);
    }
  });
}

async function isFull(tx: Tx, kind: CreateClientInput["kind"]): Promise<boolean> {
  if (kind === "oauth") return false;
  await lockKind(tx, kind);
  return (await countLive(tx, kind)) >= (kind === "legacy_key" ? legacyKeysMax : clientKeysMax);
}

async function refused<Reason extends string>(
  tx: Tx,
  ctx: Context,
  reason: Reason,
): Promise<Refusal<Reason>> {
  await recordEvent(tx, ctx, { kind: "client.created", outcome: "refused", reason });
  return refuse(reason);
}
