import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from "node:crypto";
import type postgres from "postgres";
import { forgeSlot } from "@/lib/codes/slot";
import { renewal } from "@/lib/machines/model";
import { readSigningKey } from "@/lib/machines/signing-key";
import { systemContext } from "@/lib/platform/context";
import { type FleetLoad, playAlwaysOn, playOffice, playOutage, playSlots } from "./fleet";
import { Line, writeRequest } from "./line";
import { crowds, Series, WARM_UP_SECONDS } from "./measure";
import type { Bench, Comparison } from "./report";

const machinesCount = 2_000;
const toId = (kind: string, n: number) => `${kind}-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Puts machines into the books that share a key pair, each with `users` people who have two slots. */
async function stockMachines(
  sql: postgres.Sql,
  kind: string,
  count: number,
  users: number,
  key: KeyObject,
): Promise<void> {
  const { id: pinned } = await readSigningKey(systemContext("bench", "bench"));
  const raw = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  const { salt, anchor, slotEpoch, seed } = await forgeSlot(randomUUID(), new Date());
  const id = (prefix: string, number: string) =>
    `('${prefix}-0000-4000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`;
  const hex = (bytes: Uint8Array) => `'\\x${Buffer.from(bytes).toString("hex")}'::bytea`;
  const people = `from generate_series(0, ${count * users - 1}) i`;
  await sql.unsafe(`
    insert into users (id, directory_id, login, login_key, first_name, last_name, display_name)
    select ${id(`${kind}0001`, "i")}, '${kind}-' || i, 'person.${kind}.' || i, 'person.${kind}.' || i, 'Bench', 'Sync', 'Bench ' || i ${people};
    insert into slot (user_id, number, kind, generation, slot_epoch, salt, anchor, seed_cipher, seed_key_id)
    select ${id(`${kind}0001`, "i")}, n, 'once', 1, '${slotEpoch.toISOString()}', ${hex(salt)}, ${hex(anchor)}, ${hex(seed.cipher)}, '${seed.keyId}' ${people}, generate_series(1, 2) n;
    insert into machine (id, name, public_key, pinned_key_id)
    select ${id(`${kind}0002`, "i")}, '${kind}-' || i, ${hex(raw)}, '${pinned}' from generate_series(0, ${count - 1}) i;
    insert into machine_user (machine_id, user_id, source)
    select ${id(`${kind}0002`, `i / ${users}`)}, ${id(`${kind}0001`, "i")}, 'hand' ${people}`);
}

interface Synced {
  bytes: number;
  generation: number;
  serial: number;
}

/** A machine's requests, written out. */
class Agents {
  readonly keys = generateKeyPairSync("ed25519");
  readonly #held = new Map<number, { generation: number; serial: number }>();
  constructor(
    readonly kind: string,
    readonly aud: string,
    readonly pinned: string,
  ) {}

  #request(machine: number, path: string, body: object): string {
    const now = Math.floor(Date.now() / 1000);
    const text = JSON.stringify(body);
    const kid = toId(`${this.kind}0002`, machine);
    const claims = {
      aud: this.aud,
      method: "POST",
      path,
      body: sha256(text),
      iat: now,
      exp: now + 60,
      jti: randomUUID(),
    };
    const input = `${part({ alg: "EdDSA", kid })}.${part(claims)}`;
    const token = `${input}.${sign(null, Buffer.from(input), this.keys.privateKey).toString("base64url")}`;
    return writeRequest(path, { authorization: `Bearer ${token}` }, body);
  }

  /** Syncs, and says that the package is stored, as the agent does. */
  async sync(line: Line, machine: number): Promise<Synced> {
    const holds = this.#held.get(machine) ?? null;
    const ask = { agentVersion: "bench", holds, pinned: this.pinned, receipts: [] };
    const { status, body } = await line.send(this.#request(machine, "/agent/v1/sync", ask));
    if (status !== 200) throw new Error(`not synced: ${status} ${body}`);
    const jws = JSON.parse(body).package as string;
    const { generation, serial } = JSON.parse(Buffer.from(jws.split(".")[1] ?? "", "base64url").toString());
    this.#held.set(machine, { generation, serial });
    const stored = { generation, serial, pinned: this.pinned };
    const told = await line.send(this.#request(machine, "/agent/v1/stored", stored));
    if (told.status !== 204) throw new Error(`not noted as stored: ${told.status} ${told.body}`);
    return { bytes: jws.length, generation, serial };
  }
}

/** Syncs of machines over HTTP, each with its word that the package is stored; and what a fleet of 100,000 asks for. */
export async function benchSyncs({
  product,
  rounds,
  seconds,
  watched,
  readMemoryMb,
}: Bench): Promise<Comparison[]> {
  const { sql, stack } = product;
  const port = Number(new URL(stack.baseUrl).port);
  const { id: pinned } = await readSigningKey(systemContext("bench", "bench"));
  const one = new Agents("5a01", stack.baseUrl, pinned);
  const many = new Agents("5a02", stack.baseUrl, pinned);
  await stockMachines(sql, one.kind, machinesCount, 1, one.keys.publicKey);
  await stockMachines(sql, many.kind, 1, 11, many.keys.publicKey);
  const line = await Line.open(port);
  const [small, large] = [await one.sync(line, 0), await many.sync(line, 0)];
  console.log(
    `Package: ${small.bytes} bytes with one user, ${Math.round((large.bytes - small.bytes) / 10)} for each further one`,
  );
  line.close();

  let turn = 0;
  const makeWorker = async () => {
    const own = await Line.open(port);
    return async () => {
      turn += 1;
      await one.sync(own, turn % machinesCount);
    };
  };
  const comparisons: Comparison[] = [];
  for (const atOnce of crowds) {
    const ours = new Series(watched);
    await new Series().run(atOnce, WARM_UP_SECONDS, makeWorker);
    let memoryMb = 0;
    for (let round = 0; round < rounds; round += 1) {
      await ours.run(atOnce, seconds, makeWorker);
      memoryMb = Math.max(memoryMb, readMemoryMb());
    }
    comparisons.push({ what: "machine synced and stored", atOnce, ours: ours.figure, memoryMb, against: [] });
  }
  printFleet();
  return comparisons;
}

/** Prints what 100,000 machines ask for: a simulation, the same in every run. */
function printFleet(): void {
  const fleet = { machines: 100_000, syncSeconds: 14_400, seed: 1 };
  const say = (what: string, load: FleetLoad, day: number) =>
    console.log(
      `  ${what.padEnd(48)} ${load.perDay[day]} syncs a day, ${load.peakMinute[day]?.toFixed(1)} a second in the busiest minute, ${load.peakSecond[day]} in the busiest second`,
    );
  console.log("\n100,000 machines, each asking every 3.2 to 4 h");
  say("never off", playAlwaysOn(fleet, 2), 1);
  const office = playOffice(fleet, [true, false, false, false, true]);
  say("office, a Friday", office, 0);
  say("office, the morning after a long weekend", office, 4);
  for (const hours of [1, 4]) {
    const back = playOutage(fleet, hours * 3_600);
    const all = back.reduce((sum, n) => sum + n, 0);
    console.log(
      `  ${`never off, the server back after ${hours} h`.padEnd(48)} ${all} syncs within 50 s, ${Math.max(...back)} in the busiest second`,
    );
  }
  const wear = { users: 100_000, slotsPerUser: 2, lifeHours: 1023 - 14 * 24 - 7 * 24, ...renewal, seed: 1 };
  const made = playSlots(wear, 120 * 24);
  const later = made.slice(1);
  const perDay = later.slice(-30 * 24).reduce((sum, n) => sum + n, 0) / 30;
  console.log(
    `  slots: ${made[0]} when all are enrolled, then ${perDay.toFixed(0)} a day, ${Math.max(...later)} in the busiest hour`,
  );
}
