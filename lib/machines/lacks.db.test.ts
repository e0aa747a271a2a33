import { expect, test } from "vitest";
import { openTestDatabase } from "@/tools/testing/database";
import { insertMachine } from "@/tools/testing/offline";
import { insertUser } from "@/tools/testing/rows";
import { findLacks } from "./make-slots";

const db = openTestDatabase();
const hour = 3_600_000;

interface Row {
  readonly generation?: number;
  readonly state?: "open" | "issued" | "retired";
  readonly ageHours?: number;
}

async function insertSlot(userId: string, number: number, row: Row): Promise<void> {
  const { generation = 1, state = "open", ageHours = 0 } = row;
  const epoch = new Date(Math.floor(Date.now() / hour - ageHours) * hour);
  const [seed, keyId] = state === "open" ? [Buffer.alloc(40), "test"] : [null, null];
  const at = (is: string) => (state === is ? new Date() : null);
  await db.sql`
    insert into slot (user_id, number, kind, generation, slot_epoch, salt, anchor, seed_cipher, seed_key_id, issued_at, retired_at)
    values (${userId}, ${number}, 'once', ${generation}, ${epoch}, ${Buffer.alloc(16)}, ${Buffer.alloc(32)}, ${seed}, ${keyId}, ${at("issued")}, ${at("retired")})`;
}

const cases: Readonly<Record<string, { slots: Row[]; lacks: number }>> = {
  "nothing yet": { slots: [], lacks: 2 },
  "one open": { slots: [{}], lacks: 1 },
  "two open": { slots: [{}, {}], lacks: 0 },
  "two open behind one that was issued": { slots: [{ state: "issued" }, {}, {}], lacks: 0 },
  "one that was skipped": { slots: [{}, { state: "issued" }, {}], lacks: 1 },
  "two that were skipped": { slots: [{}, {}, { state: "issued" }], lacks: 2 },
  "two retired": { slots: [{ state: "retired" }, { state: "retired" }], lacks: 2 },
  "two of another generation": { slots: [{ generation: 2 }, { generation: 2 }], lacks: 2 },
  "one that is too old": { slots: [{ ageHours: 900 }, {}], lacks: 1 },
};

test.each([false, true])(
  "who lacks slots is found alike for everybody, for one machine and for one user (ahead: %s)",
  async (ahead) => {
    const expected = new Map<string, number>();
    const machineOf = new Map<string, string>();
    for (const { slots, lacks } of Object.values(cases)) {
      const { id } = await insertUser(db.sql);
      for (const [index, row] of slots.entries()) await insertSlot(id, index + 1, row);
      machineOf.set(id, (await insertMachine(db.sql, { users: [id] })).id);
      await insertMachine(db.sql, { users: [id] });
      expected.set(id, lacks);
    }
    const [nowhere, gone, disabled] = [
      await insertUser(db.sql),
      await insertUser(db.sql),
      await insertUser(db.sql),
    ];
    const ended = await insertMachine(db.sql, { users: [gone.id] });
    await db.sql`update machine set ended_at = now(), ended_as = 'released' where id = ${ended.id}`;
    await insertMachine(db.sql, { users: [disabled.id] });
    await db.sql`update users set disabled_at = now() where id = ${disabled.id}`;

    const all = await findLacks({ ahead, limit: 1000 });
    const found = new Map(all.map(({ userId, once }) => [userId, once]));
    expect(found.size).toBe(all.length);
    for (const user of [nowhere, gone, disabled]) expect(found.has(user.id)).toBe(false);
    for (const [userId, lacks] of expected) {
      expect(found.get(userId) ?? 0).toBe(lacks);
      const machineId = machineOf.get(userId) as string;
      for (const whose of [{ userId }, { machineId }]) {
        const [one] = await findLacks({ ahead, limit: 10, ...whose });
        expect(one?.once ?? 0).toBe(lacks);
      }
    }
  },
);
