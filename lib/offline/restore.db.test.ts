import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, expect, inject, test } from "vitest";
import { connect } from "@/db/client";
import { migrate } from "@/db/migrate";
import { hashAnchor } from "@/lib/codes/anchor";
import { parseCode } from "@/lib/codes/format";
import { provesAnchor } from "@/lib/codes/judge";
import { redeemAccessCode } from "@/lib/grants/redeem";
import { createEnrolmentToken } from "@/lib/machines/create-enrolment-token";
import { resumeIssuing } from "@/lib/machines/resume-issuing";
import type { Package } from "@/lib/machines/wire";
import { backUp, restore } from "@/lib/operation/backup";
import { forgetConfig } from "@/lib/platform/config";
import { closeDatabase } from "@/lib/platform/transaction";
import { openTestDatabase, publicContext, staffContext } from "@/tools/testing/database";
import { openDoors } from "@/tools/testing/doors";
import { insertPerson, issueCode } from "@/tools/testing/issuing";
import { TestMachine } from "@/tools/testing/machine";
import { keepReceipts } from "@/tools/testing/offline";
import { loginOf } from "@/tools/testing/rows";
import { listAlarms } from "./alarms";

const yesterday = openTestDatabase();
const doors = openDoors();
const owner = staffContext("owner");
const folder = mkdtempSync("/tmp/sparekey-restore-");
const name = `sparekey_restored_${randomUUID().replaceAll("-", "")}`;

afterAll(async () => {
  await closeDatabase();
  const admin = connect(inject("databaseServer"), { max: 1 });
  await admin.unsafe(`drop database if exists ${name} with (force)`);
  await admin.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Puts the server back onto what the file holds. */
async function goBack(file: string): Promise<void> {
  const admin = connect(inject("databaseServer"), { max: 1 });
  await admin.unsafe(`create database ${name}`);
  await admin.end();
  const address = new URL(inject("databaseServer"));
  address.pathname = `/${name}`;
  await migrate(address.href);
  expect(await restore(address.href, file)).toMatchObject({ ok: true, generation: 2 });
  await closeDatabase();
  process.env.DATABASE_URL = address.href;
  forgetConfig();
}

async function enrol(machineName: string, userId: string): Promise<TestMachine> {
  const users = [await loginOf(yesterday.sql, userId)];
  const token = await createEnrolmentToken(owner, { machine: machineName, users });
  if (!token.ok) throw new Error(token.reason);
  const machine = new TestMachine(doors, machineName);
  expect((await machine.enrol(token.token)).status).toBe(201);
  return machine;
}

const slotsOf = (made: Package | undefined, state: string) =>
  made?.users[0]?.slots.filter((slot) => slot.state === state) ?? [];

/** A package with slots to open by: where a sync finds no time to make them, the next one does. */
async function syncWithSlots(machine: TestMachine): Promise<Package | undefined> {
  for (;;) {
    const { package: made } = await machine.sync();
    if (slotsOf(made, "open").length > 0) return made;
  }
}

async function prove(made: Package | undefined, text: string) {
  const code = parseCode(text);
  if (code.kind !== "standard") throw new Error("not a standard code");
  for (const slot of slotsOf(made, "open")) {
    const known = {
      salt: Buffer.from(slot.salt, "base64url"),
      anchor: Buffer.from(slot.anchor, "base64url"),
    };
    const proof = await provesAnchor(code, known, hashAnchor);
    if (proof !== null) return { slotId: slot.slotId, proof: Buffer.from(proof).toString("base64url") };
  }
  return null;
}

test("restored from yesterday's backup: what was issued since opens nothing that syncs, its use offline is seen, and issuing goes on when an owner has looked", async () => {
  const userId = await insertPerson(yesterday.sql);
  const away = await enrol("AWAY-1", userId);
  const near = await enrol("NEAR-1", userId);
  const held = await syncWithSlots(away);
  await near.sync();
  const file = path.join(folder, "yesterday.tar.gz");
  await backUp(yesterday.url, file);

  const { text } = await issueCode(userId);
  const used = await prove(held, text);
  const log = keepReceipts(
    { id: away.machineId, name: away.name, privateKey: away.keys.privateKey },
    { serial: away.holds!.serial },
  );
  const receipt = await log.write({ outcome: "yes", userId, ...used });
  await near.sync();

  await goBack(file);
  const tried = await redeemAccessCode(publicContext(), {
    userId,
    input: text,
    attemptId: null,
    subjectKey: "s",
    sourceKey: "s",
  });
  expect(tried).toMatchObject({ ok: false, reason: "none" });

  const after = await away.sync({ receipts: [receipt] });
  expect(after.package).toMatchObject({ generation: 2 });
  expect(await prove(after.package, text)).toBeNull();
  expect(await listAlarms(owner)).toMatchObject([
    { machineName: "AWAY-1", kind: "from_the_future", details: { because: "use_of_unissued_code" } },
  ]);
  expect((await issueCode(userId)).text).not.toBe(text);

  await near.sync();
  expect((await listAlarms(owner, { machineId: near.machineId })).map(({ kind }) => kind)).toEqual([
    "from_the_future",
  ]);
  await expect(issueCode(userId)).rejects.toThrow("issuing_stopped");
  expect(await resumeIssuing(owner)).toMatchObject({ ok: true });
  const fresh = await issueCode(userId);
  expect(await prove((await near.sync()).package, fresh.text)).not.toBeNull();
  expect(await prove(held, fresh.text)).toBeNull();
});
