import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReceiptOutcome, receiptOutcomes } from "@/lib/machines/wire";
import vectors from "./access-code.vectors.json";
import { hashAnchor } from "./anchor";
import { linkAt, walkToZero } from "./chain";
import { formatStandard, parseCode } from "./format";
import {
  adoptPackage,
  backOffSeconds,
  type HashAnchor,
  type JudgedSlot,
  type JudgeOutcome,
  type JudgeState,
  judgeOffline,
  provesAnchor,
} from "./judge";

const hour = 3_600_000;
const minute = 60_000;
const epoch = new Date("2026-03-02T08:00:00Z");
const issued = new Date("2026-03-02T08:10:00Z");
const plus = (milliseconds: number) => new Date(issued.getTime() + milliseconds);
const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));

const cheapHash: HashAnchor = async (x0, salt) =>
  Uint8Array.from(createHash("sha256").update(x0).update(salt).digest());

const seedOf = (number: number) => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, number);
const saltOf = (number: number) => new Uint8Array(16).fill(number);

async function makeSlot(number: number, more: Partial<JudgedSlot> = {}): Promise<JudgedSlot> {
  const salt = saltOf(number);
  const anchor = await cheapHash(walkToZero(salt, 1023, seedOf(number)), salt);
  return { slotId: `slot-${number}`, number, kind: "once", epoch, salt, anchor, state: "open", ...more };
}

const codeOf = (number: number, hours: number) =>
  formatStandard(hours, linkAt(saltOf(number), seedOf(number), hours));

const pack = {
  notAfter: new Date("2026-03-09T08:00:00Z"),
  serverTime: issued,
  codeSecondsMax: 7 * 24 * 3600,
};
const fresh: JudgeState = { clockMark: issued.getTime(), users: {} };
const userId = "ada";

async function judge(input: string, slots: JudgedSlot[], options: { now?: Date; state?: JudgeState } = {}) {
  return judgeOffline(
    { input, user: { userId, slots }, now: options.now ?? plus(minute) },
    pack,
    options.state ?? fresh,
    cheapHash,
  );
}

const slots = [
  await makeSlot(1),
  await makeSlot(2),
  await makeSlot(3, { kind: "reusable" }),
  await makeSlot(4, { state: "revoked" }),
  await makeSlot(5, { state: "spent" }),
];
const mistypedCode = `${codeOf(1, 24).slice(0, -1)}${codeOf(1, 24).endsWith("0") ? "1" : "0"}`;

describe("each answer", () => {
  const failed = (failures: number, waitUntil: number): JudgeState => ({
    ...fresh,
    users: { [userId]: { failures, waitUntil, closed: [] } },
  });
  it.each<[JudgeOutcome, string, Date, JudgeState]>([
    ["yes", codeOf(1, 24), plus(minute), fresh],
    ["yes", codeOf(3, 24), plus(minute), fresh],
    ["yes", codeOf(1, 1), new Date(epoch.getTime() + hour - 1), fresh],
    ["expired", codeOf(1, 1), new Date(epoch.getTime() + hour), fresh],
    ["expired", codeOf(1, 0), plus(0), fresh],
    ["too_far", codeOf(1, 1023), plus(minute), fresh],
    ["too_far", codeOf(2, 7 * 24 + 2), plus(minute), fresh],
    ["yes", codeOf(2, 7 * 24 + 1), plus(minute), fresh],
    ["revoked", codeOf(4, 24), plus(minute), fresh],
    ["spent", codeOf(5, 24), plus(minute), fresh],
    ["wrong", codeOf(9, 24), plus(minute), fresh],
    ["wrong", vectors.short[0]!.code, plus(minute), fresh],
    ["mistyped", mistypedCode, plus(minute), fresh],
    ["mistyped", "", plus(minute), fresh],
    ["package_over", codeOf(1, 200), pack.notAfter, fresh],
    ["yes", codeOf(1, 169), new Date(pack.notAfter.getTime() - 1), fresh],
    ["yes", codeOf(1, 24), plus(-5 * minute), fresh],
    ["clock_back", codeOf(1, 24), plus(-5 * minute - 1), fresh],
    ["clock_back", codeOf(1, 24), new Date(0), fresh],
    ["clock_back", codeOf(1, 24), plus(hour), { ...fresh, clockMark: plus(2 * hour).getTime() }],
    ["back_off", codeOf(1, 24), plus(minute), failed(5, plus(minute).getTime() + 1)],
    ["yes", codeOf(1, 24), plus(minute), failed(5, plus(minute).getTime())],
  ])("is %s for %s at %s", async (outcome, code, now, state) => {
    expect((await judge(code, slots, { now, state })).outcome).toBe(outcome);
  });

  it("is no_such_user for nobody, after the checks that need no user", async () => {
    const nobody = (now: Date, input = codeOf(1, 24)) =>
      judgeOffline({ input, user: null, now }, pack, fresh, cheapHash);
    expect((await nobody(plus(minute))).outcome).toBe("no_such_user");
    expect((await nobody(plus(minute), "x")).outcome).toBe("mistyped");
    expect((await nobody(pack.notAfter)).outcome).toBe("package_over");
    expect((await nobody(new Date(0))).outcome).toBe("clock_back");
  });

  it("is one that a receipt can say, and every such one", () => {
    const said: readonly JudgeOutcome[] = receiptOutcomes;
    const sayable = (outcome: JudgeOutcome): ReceiptOutcome => outcome;
    expect(said.map(sayable)).toEqual(receiptOutcomes);
  });
});

describe("the order of the checks", () => {
  const waiting: JudgeState = {
    clockMark: issued.getTime(),
    users: { [userId]: { failures: 9, waitUntil: pack.notAfter.getTime() + hour, closed: ["slot-1"] } },
  };
  it.each<[JudgeOutcome, string, Date]>([
    ["mistyped", mistypedCode, pack.notAfter],
    ["package_over", codeOf(1, 24), pack.notAfter],
    ["clock_back", codeOf(1, 24), new Date(0)],
    ["back_off", codeOf(1, 24), plus(minute)],
  ])("gives %s where all that comes later would refuse too", async (outcome, code, now) => {
    const judgement = await judge(code, slots, { now, state: waiting });
    expect(judgement.outcome).toBe(outcome);
    expect(judgement.state.users).toEqual(waiting.users);
  });

  it("computes no Argon2id before the slots are looked at", async () => {
    let hashes = 0;
    const counting: HashAnchor = async (...of) => {
      hashes += 1;
      return cheapHash(...of);
    };
    const ask = (input: string, now: Date, state: JudgeState) =>
      judgeOffline({ input, user: { userId, slots }, now }, pack, state, counting);
    await ask(mistypedCode, plus(minute), fresh);
    await ask(codeOf(1, 24), pack.notAfter, fresh);
    await ask(codeOf(1, 24), new Date(0), fresh);
    await ask(codeOf(1, 24), plus(minute), waiting);
    expect(hashes).toBe(0);
    await ask(codeOf(1, 24), plus(minute), fresh);
    expect(hashes).toBe(1);
  });
});

describe("a yes", () => {
  it("carries x_0 and the slot, and closes a once slot and all lower ones", async () => {
    const first = await judge(codeOf(2, 24), slots);
    expect(first).toMatchObject({ outcome: "yes", userId, slotId: "slot-2" });
    expect(first.proof).toEqual(walkToZero(saltOf(2), 1023, seedOf(2)));
    for (const number of [1, 2])
      expect((await judge(codeOf(number, 24), slots, { state: first.state })).outcome).toBe("spent");
    expect((await judge(codeOf(3, 24), slots, { state: first.state })).outcome).toBe("yes");
  });

  it("leaves a reusable slot open, and closes the lower ones", async () => {
    const first = await judge(codeOf(3, 24), slots);
    expect((await judge(codeOf(3, 24), slots, { state: first.state })).outcome).toBe("yes");
    expect((await judge(codeOf(2, 24), slots, { state: first.state })).outcome).toBe("spent");
  });

  it("is never given to the code of another user", async () => {
    const mine = [await makeSlot(1)];
    expect((await judge(codeOf(2, 24), mine)).outcome).toBe("wrong");
  });

  it("needs no more than the code, whatever its length of life", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 169 }), async (hours) => {
        const judgement = await judge(codeOf(2, hours), slots, { now: plus(0) });
        expect(judgement.outcome).toBe("yes");
      }),
    );
  });
});

describe("wrong codes", () => {
  const guess = codeOf(9, 24);

  it("make the user wait from the 5th in a row: 30 s, doubling, at most 15 min (limits, offline)", async () => {
    let state = fresh;
    let now = plus(minute);
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const judgement = await judge(guess, slots, { now, state });
      expect(judgement.outcome).toBe("wrong");
      waits.push(judgement.retryAfterSeconds);
      state = judgement.state;
      now = new Date(now.getTime() + judgement.retryAfterSeconds * 1000);
    }
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
    expect(backOffSeconds(5000)).toBe(900);
  });

  it("are forgotten at a right code", async () => {
    let state = fresh;
    for (let i = 0; i < 4; i++) state = (await judge(guess, slots, { state })).state;
    state = (await judge(codeOf(1, 24), slots, { state })).state;
    expect(state.users[userId]).toMatchObject({ failures: 0, waitUntil: 0 });
  });

  it("of one user make no other user wait", async () => {
    let state = fresh;
    for (let i = 0; i < 5; i++) state = (await judge(guess, slots, { state })).state;
    const other = { input: codeOf(1, 24), user: { userId: "grace", slots }, now: plus(minute) };
    expect((await judgeOffline(other, pack, state, cheapHash)).outcome).toBe("yes");
  });

  it.each([
    ["mistyped", mistypedCode],
    ["expired", codeOf(1, 0)],
    ["revoked", codeOf(4, 24)],
    ["spent", codeOf(5, 24)],
  ])("are not those that are %s", async (_, code) => {
    expect((await judge(code, slots)).state.users).toEqual({});
  });
});

describe("the clock mark", () => {
  it("rises with what is judged, and never beyond the end of the package", async () => {
    const later = await judge(codeOf(9, 24), slots, { now: plus(3 * hour) });
    expect(later.state.clockMark).toBe(plus(3 * hour).getTime());
    const beyond = await judge(codeOf(9, 24), slots, { now: new Date("2046-01-01T00:00:00Z") });
    expect(beyond.state.clockMark).toBe(fresh.clockMark);
  });

  it("is at least the package's signed server time", async () => {
    const judgement = await judge(codeOf(1, 24), slots, {
      now: plus(-hour),
      state: { clockMark: 0, users: {} },
    });
    expect(judgement.outcome).toBe("clock_back");
  });

  it("refuses a clock that is no time", async () => {
    await expect(judge(codeOf(1, 24), slots, { now: new Date(Number.NaN) })).rejects.toThrow(RangeError);
  });
});

describe("a new package", () => {
  it("forgets wrong codes and resets the mark, and keeps slots closed", async () => {
    let { state } = await judge(codeOf(2, 24), slots, { now: plus(5 * hour) });
    for (let i = 0; i < 5; i++)
      state = (await judge(codeOf(9, 24), slots, { state, now: plus(5 * hour) })).state;
    expect((await judge(codeOf(3, 24), slots, { state, now: plus(5 * hour) })).outcome).toBe("back_off");
    const next = { serverTime: plus(hour) };
    const adopted = adoptPackage(state, next, new Set(["slot-2", "slot-3"]));
    expect(adopted).toEqual({
      clockMark: plus(hour).getTime(),
      users: { [userId]: { failures: 0, waitUntil: 0, closed: ["slot-2"] } },
    });
    expect((await judge(codeOf(2, 24), slots, { state: adopted, now: plus(hour) })).outcome).toBe("spent");
    expect((await judge(codeOf(3, 24), slots, { state: adopted, now: plus(hour) })).outcome).toBe("yes");
  });
});

it.each(vectors.standard)("proves the vector $code by the anchor that both judges use", async (vector) => {
  const code = parseCode(vector.code);
  if (code.kind !== "standard") throw new Error("mistyped");
  const slot = { salt: fromHex(vector.salt), anchor: fromHex(vector.anchor) };
  expect(await provesAnchor(code, slot, hashAnchor)).toEqual(fromHex(vector.x0));
  slot.anchor[0]! ^= 1;
  expect(await provesAnchor(code, slot, hashAnchor)).toBeNull();
});
