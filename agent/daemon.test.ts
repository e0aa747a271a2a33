import { describe, expect, it } from "vitest";
import { decideWait, runDaemon } from "./daemon";
import type { SyncResult } from "./sync";

const synced: SyncResult = { ok: true, syncSeconds: 3600 };
const failed = (reason: string, retryAfterSeconds: number | null = null): SyncResult => ({
  ok: false,
  reason,
  message: reason,
  retryAfterSeconds,
});

describe("the wait until the next sync", () => {
  const extremes = (result: SyncResult, failures = 1) =>
    [0, 0.999999].map((at) => Math.round(decideWait(result, failures, () => at)));

  it("is what the server says, spread, and 4 h at most (offline, Package)", () => {
    expect(extremes(synced)).toEqual([2880, 3600]);
    expect(extremes({ ok: true, syncSeconds: 10 ** 6 })).toEqual([11_520, 14_400]);
  });

  it("is below 60 s where nobody can be reached, however often", () => {
    for (const failures of [1, 10, 1000]) expect(extremes(failed("unreachable"), failures)).toEqual([25, 50]);
  });

  it("doubles up to an hour where the server refuses, and is never shorter than it asks for", () => {
    const most = [1, 2, 3, 8, 9, 500].map((failures) => extremes(failed("refused_503"), failures)[1]);
    expect(most).toEqual([30, 60, 120, 3600, 3600, 3600]);
    expect(extremes(failed("too_many", 300))[0]).toBe(300);
    expect(extremes(failed("too_many", 10 ** 9))[0]).toBe(3600);
  });
});

/** Runs the daemon on a clock of its own for so many seconds. */
async function runFor(
  seconds: number,
  sync: (at: number) => SyncResult | Error,
  pendingAt: (at: number) => number,
  networkAt: (at: number) => string = () => "10.0.0.7",
) {
  let now = 0;
  const syncs: number[] = [];
  const log: string[] = [];
  await runDaemon({
    sync: async () => {
      syncs.push(now);
      const result = sync(now);
      if (result instanceof Error) throw result;
      return result;
    },
    countPending: () => pendingAt(now),
    readNetwork: () => networkAt(now),
    clock: () => now * 1000,
    sleep: async (milliseconds) => {
      now += milliseconds / 1000;
    },
    random: () => 0.5,
    isStopped: () => now >= seconds,
    log: (line) => log.push(line),
  });
  return { syncs, log };
}

describe("the daemon", () => {
  it("syncs at start and then when it is time", async () => {
    const { syncs } = await runFor(
      10_000,
      () => synced,
      () => 0,
    );
    expect(syncs).toEqual([0, 3240, 6480, 9720]);
  });

  it("hands a receipt in within 60 s of its answer", async () => {
    const { syncs } = await runFor(
      1000,
      () => synced,
      (at) => (at >= 100 && at < 150 ? 1 : 0),
    );
    expect(syncs).toHaveLength(2);
    expect(syncs[1]).toBeLessThan(160);
  });

  it("doesn't ask again and again for receipts that the server won't take", async () => {
    const { syncs } = await runFor(
      3000,
      () => synced,
      () => 7,
    );
    expect(syncs).toEqual([0]);
  });

  it("asks within 60 s of the network's return, however long it was away", async () => {
    const { syncs } = await runFor(
      90_000,
      (at) => (at < 86_400 ? failed("unreachable") : synced),
      () => 1,
    );
    expect(syncs.find((at) => at >= 86_400)).toBeLessThan(86_460);
  });

  it("asks within 60 s when the machine has another address, and not when it has none", async () => {
    const networkAt = (at: number) => (at < 500 ? "10.0.0.7" : at < 900 ? "" : "192.168.1.5");
    const { syncs } = await runFor(
      1000,
      () => synced,
      () => 0,
      networkAt,
    );
    expect(syncs).toHaveLength(2);
    expect(syncs[1]).toBeGreaterThan(900);
    expect(syncs[1]).toBeLessThan(960);
  });

  it("lives on when a sync fails by a fault", async () => {
    const { syncs, log } = await runFor(
      100,
      () => new Error("no space left"),
      () => 0,
    );
    expect(syncs.length).toBeGreaterThan(1);
    expect(log[0]).toBe("not synced: fault: no space left");
  });
});
