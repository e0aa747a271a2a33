import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { insertUser } from "@/tools/testing/rows";

const db = openTestDatabase();

const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
const wholeHour = () => new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);

let userId = "";
beforeAll(async () => {
  userId = (await insertUser(db.sql)).id;
});

/** A grant that may be stored, but for `change`. Of another user each time: none lives beside it. */
async function grantRow(change: object = {}): Promise<Record<string, unknown>> {
  return {
    id: randomUUID(),
    user_id: (await insertUser(db.sql)).id,
    method: "access_code",
    starts_at: hours(-1),
    expires_at: hours(3),
    uses_max: 1,
    issuer_kind: "system",
    reason: "lost",
    policy_version: 0,
    generation: 1,
    ...change,
  };
}

async function storeGrant(change: object = {}): Promise<string> {
  const row = await grantRow(change);
  await db.sql`insert into grants ${db.sql(row)}`;
  return row.id as string;
}

const slotRow = (change: object = {}) => ({
  id: randomUUID(),
  user_id: userId,
  number: Math.floor(Math.random() * 1e9) + 1,
  kind: "once",
  generation: 1,
  slot_epoch: wholeHour(),
  salt: randomBytes(16),
  anchor: randomBytes(32),
  issued_at: new Date(),
  ...change,
});

async function storeSlot(change: object = {}): Promise<string> {
  const row = slotRow(change);
  await db.sql`insert into slot ${db.sql(row)}`;
  return row.id;
}

async function codeRow(change: object = {}): Promise<Record<string, unknown>> {
  return {
    grant_id: await storeGrant(),
    form: "standard",
    slot_id: await storeSlot(),
    expiry_index: 4,
    offline_expires_at: hours(4),
    salt: randomBytes(16),
    anchor: randomBytes(32),
    ...change,
  };
}

const ended = { ended_at: new Date() };

test.each<[string, object, string]>([
  ["ends before it begins", { expires_at: hours(-2) }, "grants_window"],
  ["ends when it begins", { starts_at: hours(1), expires_at: hours(1) }, "grants_window"],
  ["lasts longer than a month", { expires_at: hours(32 * 24) }, "grants_window"],
  ["was used more often than it may be", { uses_count: 2, ...ended, ended_as: "spent" }, "grants_uses"],
  ["was used less than never", { uses_count: -1 }, "grants_uses"],
  ["may be used less than once", { uses_max: 0, ...ended, ended_as: "revoked" }, "grants_uses"],
  ["is used up and still live", { uses_count: 1 }, "grants_used_up"],
  ["was spent without a use", { ...ended, ended_as: "spent" }, "grants_spent"],
  ["ended without saying how", { ended_at: new Date() }, "grants_end"],
  ["says how it ended, but not when", { ended_as: "revoked" }, "grants_end"],
  ["is of a method that doesn't exist", { method: "pigeon" }, "grants_method"],
])("no grant can be stored that %s", async (_, change, constraint) => {
  const row = await grantRow(change);
  await expect(db.sql`insert into grants ${db.sql(row)}`).rejects.toMatchObject({
    constraint_name: constraint,
  });
});

test("no two live grants of a method for one user can be stored, of 20 who try at once, nor be brought back to life", async () => {
  const { user_id } = await grantRow();
  const tries = await Promise.allSettled(Array.from({ length: 20 }, () => storeGrant({ user_id })));
  expect(tries.filter((each) => each.status === "fulfilled")).toHaveLength(1);
  const dead = await storeGrant({ user_id, ...ended, ended_as: "revoked" });
  await expect(
    db.sql`update grants set ended_at = null, ended_as = null where id = ${dead}`,
  ).rejects.toMatchObject({ constraint_name: "grants_one_live" });
});

test("no form can be stored twice for one issuer", async () => {
  const form = { issuer_kind: "staff", issuer_id: randomUUID(), form_id: "form-0001" };
  await storeGrant(form);
  await expect(storeGrant(form)).rejects.toMatchObject({ constraint_name: "grants_form" });
});

test.each<[string, object, string]>([
  [
    "keeps its seed after it was issued",
    { seed_cipher: randomBytes(37), seed_key_id: "k" },
    "slot_seed_gone",
  ],
  [
    "keeps its seed after it was retired",
    { issued_at: null, retired_at: new Date(), seed_cipher: randomBytes(37), seed_key_id: "k" },
    "slot_seed_gone",
  ],
  ["has a seed under no key", { issued_at: null, seed_cipher: randomBytes(37) }, "slot_seed_key"],
  ["begins within an hour", { slot_epoch: new Date(wholeHour().getTime() + 1000) }, "slot_epoch_whole_hour"],
  ["has a salt of 15 bytes", { salt: randomBytes(15) }, "slot_salt"],
  ["has the number 0", { number: 0 }, "slot_number"],
])("no slot can be stored that %s", async (_, change, constraint) => {
  await expect(storeSlot(change)).rejects.toMatchObject({ constraint_name: constraint });
});

test("no two slots of one user have the same number", async () => {
  await storeSlot({ number: 7 });
  await expect(storeSlot({ number: 7 })).rejects.toMatchObject({ constraint_name: "slot_user_number" });
});

test.each<[string, object, string]>([
  ["is standard and has no slot", { slot_id: null }, "access_code_form"],
  ["is standard and has no expiry index", { expiry_index: null }, "access_code_form"],
  ["is standard and lives 1024 hours offline", { expiry_index: 1024 }, "access_code_form"],
  ["is standard and has no end offline", { offline_expires_at: null }, "access_code_form"],
  ["is short and has a slot", { form: "short", key_id: "k" }, "access_code_form"],
  [
    "is short and lives offline",
    { form: "short", key_id: "k", slot_id: null, expiry_index: null, offline_expires_at: hours(4) },
    "access_code_form",
  ],
  [
    "is short and under no key",
    { form: "short", slot_id: null, expiry_index: null, offline_expires_at: null },
    "access_code_form",
  ],
  ["has an anchor of 31 bytes", { anchor: randomBytes(31) }, "access_code_salt"],
  ["was tried less than never", { wrong_count: -1 }, "access_code_wrong"],
])("no access code can be stored that %s", async (_, change, constraint) => {
  const row = await codeRow(change);
  await expect(db.sql`insert into access_code ${db.sql(row)}`).rejects.toMatchObject({
    constraint_name: constraint,
  });
});

test("slot-twice: no slot is issued to two codes", async () => {
  const first = await codeRow();
  await db.sql`insert into access_code ${db.sql(first)}`;
  const second = await codeRow({ slot_id: first.slot_id });
  await expect(db.sql`insert into access_code ${db.sql(second)}`).rejects.toMatchObject({
    constraint_name: "access_code_slot",
  });
});

test("a user who was given access can't be deleted from under the record of it", async () => {
  const row = await grantRow();
  await db.sql`insert into grants ${db.sql(row)}`;
  await expect(db.sql`delete from users where id = ${row.user_id as string}`).rejects.toMatchObject({
    // PostgreSQL tells a restriction from other broken foreign keys since version 18.
    code: expect.stringMatching(/^(23001|23503)$/),
  });
});
