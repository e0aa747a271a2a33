import { createHash } from "node:crypto";
import { afterAll, expect, it, vi } from "vitest";
import type { HashAnchor } from "@/lib/codes/judge";
import { type EnrolledMachine, makeMachine, removeFolder } from "@/tools/testing/agent";
import { makeSlot } from "@/tools/testing/agent-server";
import * as durable from "./durable";
import { digest } from "./jws";
import { signReceipt } from "./receipts";
import { createReceipt, listPending, readHead, readMachine, readReceipt } from "./state";
import { verify } from "./verify";

vi.mock(import("./durable"), { spy: true });

const folders: string[] = [];
afterAll(() => folders.forEach(removeFolder));

const begun = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000);
const at = new Date(begun.getTime() + 60_000);

/** Whatever is typed is of the first slot. */
const anchor = Uint8Array.from(createHash("sha256").update("any").digest());
const anyHash: HashAnchor = async () => anchor;

async function makeHolder(): Promise<EnrolledMachine & { code: string }> {
  const machine = makeMachine();
  folders.push(machine.folder);
  const made = await makeSlot(1, {}, begun);
  const slot = { ...made.slot, anchor: Buffer.from(anchor).toString("base64url") };
  await machine.hold([{ userId: crypto.randomUUID(), names: ["ada"], slots: [slot] }], {
    issuedAt: begun.toISOString(),
  });
  return { ...machine, code: made.codeFor(9) };
}

/** Another process that answers a slip of the tongue. */
function slip(folder: string): void {
  const head = readHead(folder);
  const said = {
    outcome: "mistyped",
    userId: null,
    slotId: null,
    proof: null,
    retryAfterSeconds: 0,
  } as const;
  const jws = signReceipt(readMachine(folder), head, head.version, { ...said, state: head.state }, at);
  expect(
    createReceipt(folder, head.seq + 1, { after: head.id, jws, version: head.version, state: head.state }),
  ).toBe(true);
}

it("a right code opens and its receipt stays where a passer-by's slip is recorded upon it before the answer", async () => {
  const { folder, code } = await makeHolder();
  vi.mocked(durable.createDurably).mockImplementationOnce((...args) => {
    const made = durable.createDurably(...args);
    slip(folder);
    return made;
  });
  expect(await verify(folder, "ada", code, { now: () => at, hash: anyHash })).toEqual({ word: "yes" });
  expect(listPending(folder, 0)).toEqual([1, 2]);
  const [, payload] = (readReceipt(folder, 2) ?? "").split(".");
  const { previous } = JSON.parse(Buffer.from(payload ?? "", "base64url").toString());
  expect(previous).toBe(digest(readReceipt(folder, 1) ?? ""));
});
