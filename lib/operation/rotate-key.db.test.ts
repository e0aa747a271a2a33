import { randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openSeed } from "@/lib/codes/slot";
import { saveDirectory } from "@/lib/ldap/save-directory";
import { findDirectory, openPassword } from "@/lib/ldap/store";
import { makeSlots } from "@/lib/machines/make-slots";
import { readSigningKey } from "@/lib/machines/signing-key";
import { readPublishedKeys } from "@/lib/openid/signing-keys";
import { createEndpoint } from "@/lib/outgoing/create";
import { rotateSecret } from "@/lib/outgoing/rotate";
import { openSecret } from "@/lib/outgoing/secret";
import { forgetConfig } from "@/lib/platform/config";
import type { Context } from "@/lib/platform/context";
import { currentKeyId, open, seal } from "@/lib/platform/keys";
import { inTransaction } from "@/lib/platform/transaction";
import { totpBinding } from "@/lib/staff/totp";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { toSettings } from "@/tools/testing/ldap";
import { insertUser } from "@/tools/testing/rows";
import { rotateKey } from "./rotate-key";

const db = openTestDatabase();
const operator: Context = {
  actor: { kind: "operator", name: "rotate-key" },
  requestId: randomUUID(),
  sourceIp: null,
  userAgent: null,
};

/** The master keys that the process works with from now on, as a restart with another environment would set them. */
function setKeys(current: string, previous?: string): void {
  process.env.SPAREKEY_MASTER_KEY = current;
  if (previous === undefined) delete process.env.SPAREKEY_MASTER_KEY_PREVIOUS;
  else process.env.SPAREKEY_MASTER_KEY_PREVIOUS = previous;
  forgetConfig();
}

test("after a rotation every sealed secret opens without the earlier key, and what is judged by it is named until it dies", async () => {
  const earlier = process.env.SPAREKEY_MASTER_KEY as string;
  const earlierId = currentKeyId();
  const staffIds = await Promise.all(
    Array.from({ length: 3 }, async (_, n) => {
      const [row] =
        await db.sql`insert into staff (email, email_key, name, role) values (${`s${n}@x`}, ${`s${n}@x`}, 'S', 'helpdesk') returning id`;
      const id = row?.id as string;
      const { cipher, keyId } = seal("totp", Buffer.from(`secret ${n}`), totpBinding(id));
      await db.sql`insert into staff_totp (staff_id, secret_cipher, key_id) values (${id}, ${Buffer.from(cipher)}, ${keyId})`;
      return id;
    }),
  );
  const [user] =
    await db.sql`insert into users (directory_id, login, login_key, first_name, last_name, display_name) values ('d', 'u', 'u', 'U', 'U', 'U') returning id`;
  const [grant] =
    await db.sql`insert into grants (user_id, method, expires_at, issuer_kind, reason, policy_version, generation)
    values (${user?.id as string}, 'access_code', now() + interval '2 hours', 'staff', 'lost', 1, 1) returning id, expires_at`;
  await db.sql`insert into access_code (grant_id, form, salt, anchor, key_id) values (${grant?.id as string}, 'short', ${Buffer.alloc(16)}, ${Buffer.alloc(32)}, ${earlierId})`;

  setKeys(randomBytes(32).toString("base64"), earlier);
  expect(await rotateKey(operator)).toEqual({ ok: true, resealed: 3, until: grant?.expires_at });
  await db.sql`update grants set ended_at = now(), ended_as = 'revoked' where id = ${grant?.id as string}`;
  const again = await rotateKey(operator);
  if (!again.ok) throw new Error(again.reason);
  expect(again.resealed).toBe(0);
  expect((again.until?.getTime() ?? 0) / 60_000).toBeCloseTo(Date.now() / 60_000 + 60, 0);
  await db.sql`insert into audit_event (at, kind, outcome, actor_kind, request_id, details)
    values (now() - interval '1 hour', 'server.key-rotated', 'ok', 'operator', 'r', ${db.sql.json({ keyId: currentKeyId() })})`;
  expect(await rotateKey(operator)).toEqual({ ok: true, resealed: 0, until: null });

  setKeys(process.env.SPAREKEY_MASTER_KEY as string);
  for (const [n, id] of staffIds.entries()) {
    const [row] = await db.sql`select secret_cipher, key_id from staff_totp where staff_id = ${id}`;
    expect(
      Buffer.from(
        open("totp", { cipher: row?.secret_cipher as Buffer, keyId: row?.key_id as string }, totpBinding(id)),
      ).toString(),
    ).toBe(`secret ${n}`);
  }
});

test("where no earlier key is set nothing is rotated, and nobody is told that one can go", async () => {
  const ctx = { ...operator, requestId: randomUUID() };
  expect(await rotateKey(ctx)).toEqual({ ok: false, reason: "no_earlier_key" });
  expect(await db.sql`select outcome, reason from audit_event where request_id = ${ctx.requestId}`).toEqual([
    { outcome: "refused", reason: "no_earlier_key" },
  ]);
});

test("after a rotation the password of the LDAP directory opens without the earlier key", async () => {
  const earlier = process.env.SPAREKEY_MASTER_KEY as string;
  const settings = { ...toSettings({ ca: null, tlsPort: 636 } as never, "openldap"), caCertificate: null };
  await saveDirectory(operator, settings);
  setKeys(randomBytes(32).toString("base64"), earlier);
  expect(await rotateKey(operator)).toMatchObject({ ok: true });
  setKeys(process.env.SPAREKEY_MASTER_KEY as string);
  const row = await inTransaction(findDirectory);
  expect(row === undefined ? "" : openPassword(row)).toBe(settings.password);
  await db.sql`delete from ldap_directory`;
});

test("after a rotation open slots can be issued and packages signed without the earlier key", async () => {
  const earlier = process.env.SPAREKEY_MASTER_KEY as string;
  const { id: userId } = await insertUser(db.sql);
  const lack = { userId, once: 2, reusable: 0 };
  await db.sql`with m as (insert into machine (name, public_key, pinned_key_id) values ('M', ${Buffer.alloc(32)}, ${(await readSigningKey(operator)).id}) returning id)
    insert into machine_user (machine_id, user_id, source) select id, ${userId}, 'hand' from m`;
  expect(await makeSlots(lack, false)).toBe(2);

  setKeys(randomBytes(32).toString("base64"), earlier);
  expect(await rotateKey(operator)).toMatchObject({ ok: true, resealed: 3 + 2 + 1 });
  setKeys(process.env.SPAREKEY_MASTER_KEY as string);
  const slots =
    await db.sql`select id as "slotId", user_id as "userId", salt, slot_epoch as "slotEpoch", seed_cipher as cipher, seed_key_id as "keyId" from slot where user_id = ${userId}`;
  for (const { cipher, keyId, ...slot } of slots)
    expect(openSeed(slot as never, { cipher, keyId })).toHaveLength(9);
  const [key] = await db.sql`select id, private_cipher as cipher, private_key_id as "keyId" from signing_key`;
  expect(open("signing-key", key as never, key?.id)).toHaveLength(32);
});

test("the keys that sign for applications stay the same under another master key", async () => {
  const earlier = process.env.SPAREKEY_MASTER_KEY as string;
  const before = (await readPublishedKeys()).open();
  setKeys(randomBytes(32).toString("base64"), earlier);
  expect(await rotateKey(operator)).toMatchObject({ ok: true });
  setKeys(process.env.SPAREKEY_MASTER_KEY as string);
  expect((await readPublishedKeys()).open()).toEqual(before);
});

test("after a rotation messages are signed by the same secrets without the earlier key", async () => {
  const owner = staffContext("owner");
  const input = {
    url: "https://siem.example.com/",
    description: "SIEM",
    eventTypes: ["grant.issued" as const],
  };
  const made = await createEndpoint(owner, input);
  if (!made.ok) throw new Error(made.reason);
  const { endpointId } = made;
  const rotated = await rotateSecret(owner, { endpointId });
  if (!rotated.ok) throw new Error(rotated.reason);

  const earlier = process.env.SPAREKEY_MASTER_KEY as string;
  setKeys(randomBytes(32).toString("base64"), earlier);
  expect(await rotateKey(operator)).toMatchObject({ ok: true });
  setKeys(process.env.SPAREKEY_MASTER_KEY as string);
  const [row] =
    await db.sql`select secret_cipher, secret_key_id, previous_cipher, previous_key_id from webhook_endpoint`;
  const secret = { cipher: row?.secret_cipher, keyId: row?.secret_key_id };
  const previous = { cipher: row?.previous_cipher, keyId: row?.previous_key_id };
  expect(openSecret(secret, endpointId)).toBe(rotated.secret);
  expect(openSecret(previous, endpointId)).toBe(made.secret);
});

test("a secret under a key that is not at hand stops the rotation by name, and nothing is lost", async () => {
  const [row] =
    await db.sql`insert into staff (email, email_key, name, role) values ('lost@x', 'lost@x', 'L', 'helpdesk') returning id`;
  await db.sql`insert into staff_totp (staff_id, secret_cipher, key_id) values (${row?.id as string}, ${Buffer.alloc(60)}, 'feedfeedfeedfeed')`;
  setKeys(randomBytes(32).toString("base64"), process.env.SPAREKEY_MASTER_KEY as string);
  await expect(rotateKey(operator)).rejects.toThrow("no master key with id feedfeedfeedfeed");
  expect(await db.sql`select key_id from staff_totp where staff_id = ${row?.id as string}`).toEqual([
    { key_id: "feedfeedfeedfeed" },
  ]);
});
