import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { confirmImport } from "@/lib/imports/acts";
import { askImport, endUpload, storePiece } from "@/lib/imports/ask";
import { openTestDatabase, staffContext } from "@/tools/testing/database";

const db = openTestDatabase();
const owner = staffContext("owner");
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function startWorkerProcess(): Promise<ChildProcess> {
  const child = fork("tools/run.mjs", ["tools/testing/worker-process.ts"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { ...process.env },
  });
  children.push(child);
  await once(child, "message");
  return child;
}

const patiently = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 120_000, interval: 25 });

const count = 6_000;
const stateOf = async (id: string) => (await db.sql`select state from import_job where id = ${id}`)[0]?.state;
const here = async () => Number((await db.sql`select count(*) from users`)[0]?.count);

test("a worker that is killed in the middle is followed by another, which goes on and does nothing twice", {
  timeout: 240_000,
}, async () => {
  const text = Buffer.from(
    `login,display_name\n${Array.from({ length: count }, (_, n) => `p${n},Person ${n} of Many\n`).join("")}`,
  );
  const asked = await askImport(owner, {
    label: "people.csv",
    sizeBytes: text.length,
    country: null,
    isReplacing: true,
  });
  if (!asked.ok) throw new Error(asked.reason);
  const { jobId } = asked;
  const first = await startWorkerProcess();
  await storePiece(owner, { jobId, number: 0, bytes: text });
  await endUpload(owner, { jobId });
  await patiently(async () => expect(await stateOf(jobId)).toBe("waiting"));
  await confirmImport(owner, { jobId, disabled: null });
  await patiently(async () => expect(await here()).toBeGreaterThan(0));
  first.kill("SIGKILL");
  await once(first, "exit");
  const before = await here();
  expect(before).toBeLessThan(count);
  expect(await stateOf(jobId)).toBe("running");
  await db.sql`update import_job set beat_at = now() - interval '1 minute'`;
  await startWorkerProcess();
  await patiently(async () => expect(await stateOf(jobId)).toBe("done"));
  expect(await here()).toBe(count);
  expect((await db.sql`select counts from import_job`)[0]?.counts).toMatchObject({
    added: count,
    unchanged: 0,
    disabled: 0,
  });
});
