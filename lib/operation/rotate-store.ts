import "server-only";
import { eq, ne, or, sql } from "drizzle-orm";
import { auditEvent } from "@/db/schema/audit";
import { accessCode, slot } from "@/db/schema/codes";
import { grants } from "@/db/schema/grants";
import { signingKey } from "@/db/schema/machines";
import { openidKey } from "@/db/schema/openid";
import { challenge } from "@/db/schema/otp";
import { webhookEndpoint } from "@/db/schema/outgoing";
import { staffTotp } from "@/db/schema/staff";
import type { SealedSeed, SlotIdentity } from "@/lib/codes/slot";
import type { Tx } from "@/lib/platform/transaction";

/** Something sealed under an earlier key. `boundTo` is what it was sealed with. */
export interface SealedRow {
  id: string;
  cipher: Uint8Array;
  keyId: string;
}

/** Up to `limit` TOTP secrets that are not under `keyId`, locked until the transaction ends. */
export async function lockTotpSecrets(tx: Tx, keyId: string, limit: number): Promise<SealedRow[]> {
  return tx
    .select({ id: staffTotp.staffId, cipher: staffTotp.secretCipher, keyId: staffTotp.keyId })
    .from(staffTotp)
    .where(ne(staffTotp.keyId, keyId))
    .limit(limit)
    .for("update");
}

/** Puts a TOTP secret back under another key. */
export async function updateTotpSecret(tx: Tx, row: SealedRow): Promise<void> {
  await tx
    .update(staffTotp)
    .set({ secretCipher: row.cipher, keyId: row.keyId })
    .where(eq(staffTotp.staffId, row.id));
}

/** Up to `limit` seeds of open slots that are not under `keyId`, locked until the transaction ends. */
export async function lockSeeds(
  tx: Tx,
  keyId: string,
  limit: number,
): Promise<(SlotIdentity & { seed: SealedSeed })[]> {
  const rows = await tx
    .select({
      slotId: slot.id,
      userId: slot.userId,
      salt: slot.salt,
      slotEpoch: slot.slotEpoch,
      cipher: slot.seedCipher,
      keyId: slot.seedKeyId,
    })
    .from(slot)
    .where(ne(slot.seedKeyId, keyId))
    .limit(limit)
    .for("update");
  return rows.flatMap(({ cipher, keyId: sealedBy, ...identity }) =>
    cipher === null || sealedBy === null ? [] : { ...identity, seed: { cipher, keyId: sealedBy } },
  );
}

/** Puts a seed back under another key. */
export async function updateSeed(tx: Tx, slotId: string, seed: SealedSeed): Promise<void> {
  await tx.update(slot).set({ seedCipher: seed.cipher, seedKeyId: seed.keyId }).where(eq(slot.id, slotId));
}

/** Up to `limit` private halves of signing keys that are not under `keyId`, locked until the transaction ends. */
export async function lockSigningKeys(tx: Tx, keyId: string, limit: number): Promise<SealedRow[]> {
  const rows = await tx
    .select({ id: signingKey.id, cipher: signingKey.privateCipher, keyId: signingKey.privateKeyId })
    .from(signingKey)
    .where(ne(signingKey.privateKeyId, keyId))
    .limit(limit)
    .for("update");
  return rows.flatMap(({ id, cipher, keyId: sealedBy }) =>
    cipher === null || sealedBy === null ? [] : { id, cipher, keyId: sealedBy },
  );
}

/** Puts the private half of a signing key back under another key. */
export async function updateSigningKey(tx: Tx, row: SealedRow): Promise<void> {
  await tx
    .update(signingKey)
    .set({ privateCipher: row.cipher, privateKeyId: row.keyId })
    .where(eq(signingKey.id, row.id));
}

/** Up to `limit` private halves of OpenID signing keys that are not under `keyId`, locked until the transaction ends. */
export async function lockOpenidKeys(tx: Tx, keyId: string, limit: number): Promise<SealedRow[]> {
  return tx
    .select({ id: openidKey.id, cipher: openidKey.privateCipher, keyId: openidKey.privateKeyId })
    .from(openidKey)
    .where(ne(openidKey.privateKeyId, keyId))
    .limit(limit)
    .for("update");
}

/** Puts the private half of an OpenID signing key back under another key. */
export async function updateOpenidKey(tx: Tx, row: SealedRow): Promise<void> {
  await tx
    .update(openidKey)
    .set({ privateCipher: row.cipher, privateKeyId: row.keyId })
    .where(eq(openidKey.id, row.id));
}

/** The secrets of an endpoint. */
export interface EndpointSecrets extends SealedRow {
  /** The one before, while it is good. */
  previous: { cipher: Uint8Array; keyId: string } | null;
}

/** Up to `limit` endpoints with a secret that is not under `keyId`, locked until the transaction ends. */
export async function lockEndpointSecrets(tx: Tx, keyId: string, limit: number): Promise<EndpointSecrets[]> {
  const rows = await tx
    .select({
      id: webhookEndpoint.id,
      cipher: webhookEndpoint.secretCipher,
      keyId: webhookEndpoint.secretKeyId,
      previousCipher: webhookEndpoint.previousCipher,
      previousKeyId: webhookEndpoint.previousKeyId,
    })
    .from(webhookEndpoint)
    .where(or(ne(webhookEndpoint.secretKeyId, keyId), ne(webhookEndpoint.previousKeyId, keyId)))
    .limit(limit)
    .for("no key update");
  return rows.flatMap(({ id, cipher, keyId: sealedBy, previousCipher, previousKeyId }) =>
    cipher === null || sealedBy === null
      ? []
      : {
          id,
          cipher,
          keyId: sealedBy,
          previous:
            previousCipher === null || previousKeyId === null
              ? null
              : { cipher: previousCipher, keyId: previousKeyId },
        },
  );
}

/** Puts the secrets of an endpoint back under another key. */
export async function updateEndpointSecrets(
  tx: Tx,
  { id, cipher, keyId, previous }: EndpointSecrets,
): Promise<void> {
  await tx
    .update(webhookEndpoint)
    .set({
      secretCipher: cipher,
      secretKeyId: keyId,
      previousCipher: previous?.cipher ?? null,
      previousKeyId: previous?.keyId ?? null,
    })
    .where(eq(webhookEndpoint.id, id));
}

/**
 * Until when an earlier key is needed for what can't be sealed anew: short codes and OTPs that are live, and tokens of programs, which
 * were given out until the first rotation to `keyId`, if not later. Null: for nothing.
 * @param tokenSeconds how long such a token is good; 0 where there is no earlier key.
 */
export async function readHeldByEarlierKeys(
  tx: Tx,
  keyId: string,
  tokenSeconds: number,
): Promise<Date | null> {
  const [row] = await tx.execute<{ until: string | null }>(sql`
    select max(expires_at) as until from (
      select g.expires_at from ${accessCode} a join ${grants} g on g.id = a.grant_id
      where g.ended_at is null and a.form = 'short' and a.key_id <> ${keyId}
      union all
      select expires_at from ${challenge} where spent_at is null and ended_at is null and key_id <> ${keyId}
      union all
      select coalesce(min(at), now()) + make_interval(secs => ${tokenSeconds}::int)
      from ${auditEvent} where kind = 'server.key-rotated' and outcome = 'ok' and details ->> 'keyId' = ${keyId}
    ) as held where expires_at > now()`);
  return row?.until == null ? null : new Date(row.until);
}
