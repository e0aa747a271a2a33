import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import { accessTokenSeconds } from "@/lib/clients/model";
import { openSeed, sealSeed } from "@/lib/codes/slot";
import { resealPassword } from "@/lib/ldap/store";
import { openSecret, type SealedSecret, sealSecret } from "@/lib/outgoing/secret";
import type { Context } from "@/lib/platform/context";
import { currentKeyId, listKeyIds, open, seal } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction, type Tx } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { totpBinding } from "@/lib/staff/totp";
import {
  lockEndpointSecrets,
  lockOpenidKeys,
  lockSeeds,
  lockSigningKeys,
  lockTotpSecrets,
  readHeldByEarlierKeys,
  updateEndpointSecrets,
  updateOpenidKey,
  updateSeed,
  updateSigningKey,
  updateTotpSecret,
} from "./rotate-store";

const BATCH = 200;

/**
 * Seals everything that lies under an earlier master key anew under SPAREKEY_MASTER_KEY; SPAREKEY_MASTER_KEY_PREVIOUS opens it.
 * May be stopped at any point and run again; the console works on meanwhile.
 * @returns how many secrets were sealed anew, and until when the earlier key must stay for what can't be: short codes, OTPs
 * and access tokens of programs that are live under it. `until` null: the earlier key can go now; staff who signed in under it then
 * sign in anew. Refuses `no_earlier_key` where none is set.
 * @throws {Fault} where a row lies under a key that is neither of the two.
 */
export async function rotateKey(
  ctx: Context,
): Promise<Success<{ resealed: number; until: Date | null }> | Refusal<"no_earlier_key">> {
  await requirePermission(ctx, "server:manage");
  const kind = "server.key-rotated";
  if (listKeyIds().length === 1)
    return inTransaction((tx) => recordRefusal(tx, ctx, { kind }, refuse("no_earlier_key")));
  const keyId = currentKeyId();
  let resealed = 0;
  for (const reseal of [
    resealTotp,
    resealSeeds,
    resealSigningKeys,
    resealOpenidKeys,
    resealDirectory,
    resealEndpoints,
  ]) {
    for (let batch = BATCH; batch === BATCH; resealed += batch)
      batch = await inTransaction((tx) => reseal(tx, keyId));
  }
  return inTransaction(async (tx) => {
    const until = await readHeldByEarlierKeys(tx, keyId, accessTokenSeconds);
    await recordEvent(tx, ctx, { kind, outcome: "ok", details: { keyId, resealed } });
    return { ok: true, resealed, until };
  });
}

async function resealTotp(tx: Tx, keyId: string): Promise<number> {
  const rows = await lockTotpSecrets(tx, keyId, BATCH);
  for (const row of rows) {
    const binding = totpBinding(row.id);
    await updateTotpSecret(tx, { id: row.id, ...seal("totp", open("totp", row, binding), binding) });
  }
  return rows.length;
}

async function resealSeeds(tx: Tx, keyId: string): Promise<number> {
  const rows = await lockSeeds(tx, keyId, BATCH);
  for (const row of rows) await updateSeed(tx, row.slotId, sealSeed(row, openSeed(row, row.seed)));
  return rows.length;
}

async function resealSigningKeys(tx: Tx, keyId: string): Promise<number> {
  const rows = await lockSigningKeys(tx, keyId, BATCH);
  for (const row of rows) {
    const sealed = seal("signing-key", open("signing-key", row, row.id), row.id);
    await updateSigningKey(tx, { id: row.id, ...sealed });
  }
  return rows.length;
}

async function resealDirectory(tx: Tx, keyId: string): Promise<number> {
  return (await resealPassword(tx, keyId)) ? 1 : 0;
}

async function resealOpenidKeys(tx: Tx, keyId: string): Promise<number> {
  const rows = await lockOpenidKeys(tx, keyId, BATCH);
  for (const row of rows) {
    const sealed = seal("openid-key", open("openid-key", row, row.id), row.id);
    await updateOpenidKey(tx, { id: row.id, ...sealed });
  }
  return rows.length;
}

async function resealEndpoints(tx: Tx, keyId: string): Promise<number> {
  const rows = await lockEndpointSecrets(tx, keyId, BATCH);
  for (const row of rows) {
    const reseal = (sealed: SealedSecret) => sealSecret(openSecret(sealed, row.id), row.id);
    const previous = row.previous === null ? null : reseal(row.previous);
    await updateEndpointSecrets(tx, { id: row.id, ...reseal(row), previous });
  }
  return rows.length;
}
