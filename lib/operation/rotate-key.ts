import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { currentKeyId, open, seal } from "@/lib/platform/keys";
import type { Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { totpBinding } from "@/lib/staff/totp";
import { lockTotpSecrets, readHeldByEarlierKeys, updateTotpSecret } from "./rotate-store";

const BATCH = 200;

/**
 * Seals everything that lies under an earlier master key anew under SPAREKEY_MASTER_KEY; SPAREKEY_MASTER_KEY_PREVIOUS opens it.
 * May be stopped at any point and run again; the console works on meanwhile.
 * @returns how many secrets were sealed anew, and until when the earlier key must stay for what can't be: short codes and OTPs
 * that are live under it. `until` null: the earlier key can go now.
 * @throws {Fault} where a row lies under a key that is neither of the two.
 */
export async function rotateKey(ctx: Context): Promise<Success<{ resealed: number; until: Date | null }>> {
  await requirePermission(ctx, "server:manage");
  const keyId = currentKeyId();
  let resealed = 0;
  for (let batch = BATCH; batch === BATCH; resealed += batch) {
    batch = await inTransaction(async (tx) => {
      const rows = await lockTotpSecrets(tx, keyId, BATCH);
      for (const row of rows) {
        await updateTotpSecret(tx, {
          id: row.id,
          ...seal("totp", open("totp", row, totpBinding(row.id)), totpBinding(row.id)),
        });
      }
      return rows.length;
    });
  }
  return inTransaction(async (tx) => {
    const held = await readHeldByEarlierKeys(tx, keyId);
    await recordEvent(tx, ctx, { kind: "server.key-rotated", outcome: "ok", details: { keyId, resealed } });
    return { ok: true, resealed, until: held.until };
  });
}
