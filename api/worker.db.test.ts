import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { assignUser } from "@/lib/machines/assign";
import { readSigningKey } from "@/lib/machines/signing-key";
import { sendChallenge } from "@/lib/otp/send";
import { systemContext } from "@/lib/platform/context";
import { inTransaction } from "@/lib/platform/transaction";
import { defaultPolicy } from "@/lib/policy/model";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { eventually } from "@/tools/testing/eventually";
import { insertGrant, insertUser } from "@/tools/testing/rows";
import { openTelephony } from "@/tools/testing/telephony";
import { startWorker } from "./worker";

const db = openTestDatabase();
const telephony = openTelephony();

const numbers = Array.from({ length: 500 }, (_, n) => `+1202555${2000 + n}`);
const policy = { ...defaultPolicy, budget: { ...defaultPolicy.budget, amountPerDay: 10_000 } };

async function ask() {
  const toE164 = numbers.pop() as string;
  const { id: userId } = await insertUser(db.sql, { sms: toE164 });
  const { id: grantId } = await insertGrant(db.sql, userId);
  const input = {
    grantId,
    userId,
    channel: "sms" as const,
    attemptId: randomUUID(),
    toE164,
    language: null,
    policy,
  };
  const sent = await inTransaction((tx) => sendChallenge(tx, publicContext(), input));
  if (!sent.ok) throw new Error(sent.reason);
  return { toE164, ...sent };
}

type Asked = Awaited<ReturnType<typeof ask>>;

async function stateOf({ deliveryId }: Asked) {
  const [row] = await db.sql`select state, failure from delivery where id = ${deliveryId}`;
  return row;
}

const reaches = (asked: Asked, state: string, failure: string | null = null, timeout = 10_000) =>
  vi.waitFor(async () => expect(await stateOf(asked)).toEqual({ state, failure }), { timeout });

const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await telephony.put("/latency", { ms: 0 });
});

async function start() {
  const worker = await startWorker();
  stops.push(() => worker.stop());
  return worker;
}

async function startProcess(): Promise<ChildProcess> {
  const child = fork("tools/run.mjs", ["tools/testing/worker-process.ts"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env },
  });
  stops.push(async () => {
    child.kill("SIGKILL");
  });
  await once(child, "message");
  return child;
}

/** Kills a worker, and waits until the database has ended what it was doing for it: that outlives its client. */
async function kill(child: ChildProcess) {
  child.kill("SIGKILL");
  await once(child, "exit");
  await vi.waitFor(
    async () => {
      const busy = await db.sql`
        select 1 from pg_stat_activity where datname = current_database() and application_name <> 'test' and state <> 'idle'`;
      expect(busy).toHaveLength(0);
    },
    { timeout: 30_000 },
  );
}

test("what is asked for is sent, each once, a hundred at once", async () => {
  await start();
  const asked = await Promise.all(Array.from({ length: 100 }, ask));
  for (const one of asked) await reaches(one, "delivered");
  for (const one of asked) expect(await telephony.inbox(one.toE164)).toHaveLength(1);
  const jobs = await eventually(async () => {
    const rows = await db.sql`select 1 from graphile_worker.jobs where task_identifier = 'deliver'`;
    expect(rows).toHaveLength(0);
    return rows;
  });
  expect(jobs).toHaveLength(0);
});

test("stopping finishes what is being sent, and begins nothing", async () => {
  const worker = await startWorker();
  await telephony.put("/latency", { ms: 700 });
  const asked = await ask();
  await reaches(asked, "sending");
  await worker.stop();
  expect(await stateOf(asked)).not.toMatchObject({ state: "sending" });
  expect(await telephony.inbox(asked.toE164)).toHaveLength(1);
  const late = await ask();
  await sleep(300);
  expect(await stateOf(late)).toMatchObject({ state: "queued" });
  await start();
  await reaches(late, "delivered");
});

test("the database gone in the middle of a call and back: what was sent is recorded, and the worker works on", async () => {
  await start();
  await telephony.put("/latency", { ms: 500 });
  const asked = await ask();
  await reaches(asked, "sending");
  await db.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name <> 'test'`;
  await reaches(asked, "delivered");
  const next = await ask();
  await reaches(next, "delivered");
  expect(await telephony.inbox(asked.toE164)).toHaveLength(1);
});

test("kill -9 while it sends: unknown after a while, said so, and not sent again by the next worker", async () => {
  const child = await startProcess();
  await telephony.put("/webhooks", { mode: "dropped" });
  await telephony.put("/latency", { ms: 400 });
  const asked = await ask();
  await reaches(asked, "sending");
  await kill(child);
  await db.sql`update delivery set sending_at = sending_at - interval '91 seconds' where id = ${asked.deliveryId}`;
  await start();
  await reaches(asked, "unknown", "interrupted");
  const [event] =
    await db.sql`select kind, outcome, reason from audit_event where target_id = ${asked.deliveryId} and kind = 'delivery.unknown'`;
  expect(event).toEqual({ kind: "delivery.unknown", outcome: "fault", reason: "interrupted" });
  await sleep(500);
  expect((await telephony.inbox(asked.toE164)).length).toBeLessThanOrEqual(1);
  await telephony.put("/webhooks", { mode: "normal" });
});

test("who is put on a machine has slots soon, by a job, and old requests of machines are forgotten", async () => {
  const { id: userId } = await insertUser(db.sql);
  const { id: keyId } = await readSigningKey(systemContext("test", "test"));
  const [machine] =
    await db.sql`insert into machine (name, public_key, pinned_key_id) values ('JOB-1', ${Buffer.alloc(32)}, ${keyId}) returning id`;
  const machineId = machine?.id as string;
  await db.sql`insert into machine_request (machine_id, jti, expires_at) values (${machineId}, 'old', now() - interval '1 second'), (${machineId}, 'new', now() + interval '1 minute')`;
  expect(await assignUser(staffContext("security"), { machineId, userId })).toEqual({ ok: true });
  await start();
  await vi.waitFor(
    async () => {
      expect(
        await db.sql`select 1 from slot where user_id = ${userId} and seed_cipher is not null`,
      ).toHaveLength(2);
      expect(await db.sql`select jti from machine_request`).toEqual([{ jti: "new" }]);
    },
    { timeout: 10_000 },
  );
});

test("kill -9 at any moment: nothing is sent twice, nothing is lost", async () => {
  const asked: Asked[] = [];
  for (let round = 0; round < 5; round += 1) {
    const child = await startProcess();
    await telephony.put("/latency", { ms: 20 * round });
    asked.push(...(await Promise.all(Array.from({ length: 8 }, ask))));
    await sleep(10 + 15 * round);
    await kill(child);
  }
  await telephony.put("/latency", { ms: 0 });
  await db.sql`update delivery set due_at = due_at - interval '61 seconds', sending_at = sending_at - interval '91 seconds'
    where state in ('queued', 'sending')`;
  await db.sql`update graphile_worker._private_jobs set locked_at = locked_at - interval '61 seconds' where locked_at is not null`;
  await start();
  await vi.waitFor(
    async () => {
      const open = await db.sql`select 1 from delivery where state in ('queued', 'sending')`;
      expect(open).toHaveLength(0);
    },
    { timeout: 30_000 },
  );
  for (const one of asked) {
    const state = await stateOf(one);
    const texts = await telephony.inbox(one.toE164);
    expect(texts.length).toBeLessThanOrEqual(1);
    if (state?.state !== "unknown") expect({ ...state, texts: texts.length }).toMatchObject({ texts: 1 });
  }
}, 60_000);
