import { createHash, type KeyObject, randomBytes, randomUUID } from "node:crypto";
import { CompactSign } from "jose";
import type postgres from "postgres";
import { hashAnchor } from "@/lib/codes/anchor";
import { linkAt, randomSalt, randomSeed, slotEpochOf, walkToZero } from "@/lib/codes/chain";
import { parseCode } from "@/lib/codes/format";
import { sealSeed } from "@/lib/codes/slot";
import type { Receipt } from "@/lib/machines/wire";
import { makeKeyPair } from "@/lib/platform/key-pair";

const day = 86_400_000;

/** An enrolled machine of a test: it signs what it says. */
export interface TestMachine {
  readonly id: string;
  readonly name: string;
  readonly privateKey: KeyObject;
}

function rawKey(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).x as string, "base64url");
}

/** Puts an enrolled machine into the database that has stored a package, and the users who are on it. */
export async function insertMachine(
  sql: postgres.Sql,
  options: { name?: string; users?: readonly string[]; packageUntil?: Date; syncedAt?: Date | null } = {},
): Promise<TestMachine> {
  const { publicKey, privateKey } = await makeKeyPair("ed25519");
  const signing = rawKey((await makeKeyPair("ed25519")).publicKey);
  const keyId = createHash("sha256").update(signing).digest("base64url");
  await sql`insert into signing_key (id, public_key, private_cipher, private_key_id, in_force_at) values (${keyId}, ${signing}, ${randomBytes(40)}, 'test', now())`;
  const id = randomUUID();
  const name = options.name ?? `LAPTOP-${id.slice(0, 8)}`;
  const syncedAt = options.syncedAt === undefined ? new Date(Date.now() - 60_000) : options.syncedAt;
  const until = options.packageUntil ?? new Date(Date.now() + 14 * day);
  const serial = syncedAt?.getTime() ?? 0;
  const stored = syncedAt === null ? null : until;
  await sql`
    insert into machine (id, name, public_key, pinned_key_id, generation, serial, package_at, package_not_after, stored_generation, stored_serial, stored_at, stored_not_after, last_contact_at)
    values (${id}, ${name}, ${rawKey(publicKey)}, ${keyId}, 1, ${serial}, ${syncedAt}, ${stored}, ${syncedAt === null ? 0 : 1}, ${serial}, ${syncedAt}, ${stored}, ${syncedAt})`;
  for (const userId of options.users ?? [])
    await sql`insert into machine_user (machine_id, user_id, source) values (${id}, ${userId}, 'hand')`;
  return { id, name, privateKey };
}

/** A slot of a test, with the seed that only a test may know. */
export interface TestSlot {
  readonly id: string;
  readonly number: number;
  readonly userId: string;
  readonly salt: Uint8Array;
  readonly anchor: Uint8Array;
  readonly seed: Uint8Array;
  readonly slotEpoch: Date;
}

/** Makes open slots of a user ahead, with the next numbers. */
export async function insertSlots(
  sql: postgres.Sql,
  userId: string,
  kinds: readonly ("once" | "reusable")[] = ["once", "once"],
  madeAt = new Date(),
): Promise<TestSlot[]> {
  const [last] = await sql<{ number: number }[]>`
    select coalesce(max(number), 0)::int as number from slot where user_id = ${userId}`;
  const slots: TestSlot[] = [];
  for (const [index, kind] of kinds.entries()) {
    const [id, salt, seed, slotEpoch] = [randomUUID(), randomSalt(), randomSeed(), slotEpochOf(madeAt)];
    const anchor = await hashAnchor(walkToZero(salt, 1023, seed), salt);
    const number = (last?.number ?? 0) + 1 + index;
    const { cipher, keyId } = sealSeed({ slotId: id, userId, salt, slotEpoch }, seed);
    await sql`
      insert into slot (id, user_id, number, kind, generation, slot_epoch, salt, anchor, seed_cipher, seed_key_id)
      values (${id}, ${userId}, ${number}, ${kind}, 1, ${slotEpoch}, ${Buffer.from(salt)}, ${Buffer.from(anchor)}, ${Buffer.from(cipher)}, ${keyId})`;
    slots.push({ id, number, userId, salt, anchor, seed, slotEpoch });
  }
  return slots;
}

/** Has a machine hold slots, as by the package that it stored last. */
export async function holdSlots(
  sql: postgres.Sql,
  machine: { id: string },
  slots: readonly { id: string }[],
): Promise<void> {
  for (const { id } of slots)
    await sql`
      insert into package_slot (machine_id, slot_id, generation, serial, not_after, stored_at)
      select id, ${id}, generation, serial, package_not_after, stored_at from machine where id = ${machine.id}`;
}

/** What a machine with this code writes into a receipt as proof: `x_0` of its slot. */
export function proveUse(text: string, { salt }: { salt: Uint8Array }): string {
  const parsed = parseCode(text);
  if (parsed.kind !== "standard") throw new Error("not a standard code");
  return Buffer.from(walkToZero(salt, parsed.expiryIndex, parsed.link)).toString("base64url");
}

/** The proof of a use that a test makes of the seed itself. */
export function proveBySeed({ salt, seed }: TestSlot): string {
  return Buffer.from(linkAt(salt, seed, 0)).toString("base64url");
}

/** base64url of SHA-256: what a receipt names the one before by. */
export function hashOf(jws: string): string {
  return createHash("sha256").update(jws).digest("base64url");
}

/** Writes a machine's log of answers, signed and chained as the agent does it; `write` answers the receipt as it is handed in. */
export function keepReceipts(
  machine: TestMachine,
  known: { generation?: number; serial: number },
): {
  write(said: Partial<Receipt> & Pick<Receipt, "outcome">): Promise<string>;
  previous: string;
  seq: number;
} {
  const log = {
    seq: 0,
    previous: hashOf(""),
    async write(said: Partial<Receipt> & Pick<Receipt, "outcome">): Promise<string> {
      log.seq += 1;
      const receipt: Receipt = {
        machineId: machine.id,
        seq: log.seq,
        previous: log.previous,
        at: new Date().toISOString(),
        generation: known.generation ?? 1,
        serial: known.serial,
        userId: null,
        slotId: null,
        proof: null,
        ...said,
      };
      const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(receipt)))
        .setProtectedHeader({ alg: "EdDSA", typ: "sparekey-receipt" })
        .sign(machine.privateKey);
      log.previous = hashOf(jws);
      return jws;
    },
  };
  return log;
}
