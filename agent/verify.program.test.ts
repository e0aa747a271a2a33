import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { HashAnchor } from "@/lib/codes/judge";
import { receiptSchema } from "@/lib/machines/wire";
import { type EnrolledMachine, makeMachine, removeFolder } from "@/tools/testing/agent";
import { makeSlot } from "@/tools/testing/agent-server";
import { digest } from "./jws";
import { listPending, readHead, readReceipt, tidy } from "./state";
import { verify } from "./verify";

const folders: string[] = [];
afterAll(() => folders.forEach(removeFolder));

const hour = 3_600_000;
const minute = 60_000;
const begun = new Date(Math.floor(Date.now() / hour) * hour);
const plus = (milliseconds: number) => new Date(begun.getTime() + milliseconds);

const cheapHash: HashAnchor = async (x0, salt) =>
  Uint8Array.from(createHash("sha256").update(x0).update(salt).digest());

/** A slot whose anchor is as cheap to prove as it was to make. */
async function makeCheapSlot(number: number, more: Parameters<typeof makeSlot>[1] = {}) {
  const made = await makeSlot(number, more, begun);
  const { parseCode } = await import("@/lib/codes/format");
  const { walkToZero } = await import("@/lib/codes/chain");
  const code = parseCode(made.codeFor(0));
  if (code.kind !== "standard") throw new Error("no standard code");
  const salt = Buffer.from(made.slot.salt, "base64url");
  const anchor = await cheapHash(walkToZero(salt, 0, code.link), salt);
  return { ...made, slot: { ...made.slot, anchor: Buffer.from(anchor).toString("base64url") } };
}

const slots = await Promise.all([1, 2, 3].map((number) => makeCheapSlot(number)));
const [one, two, three] = slots as [(typeof slots)[0], (typeof slots)[0], (typeof slots)[0]];
const other = await makeCheapSlot(1);
const ada = { userId: crypto.randomUUID(), names: ["ada.lovelace", "josé", "ada@example.com"] };
const grace = { userId: crypto.randomUUID(), names: ["grace.hopper"], slots: [other.slot] };

/** Memory, where there is a folder of it: what is tested there is not the disk. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : undefined;

async function makeHolder(): Promise<EnrolledMachine> {
  const machine = makeMachine(memory);
  folders.push(machine.folder);
  await machine.hold([{ ...ada, slots: slots.map(({ slot }) => slot) }, grace], {
    issuedAt: begun.toISOString(),
  });
  return machine;
}

const ask = async (
  { folder }: EnrolledMachine,
  code: string,
  { at = plus(minute), name = "ada.lovelace", hash = cheapHash } = {},
): Promise<string> => {
  const answer = await verify(folder, name, code, { now: () => at, hash });
  return answer.word === "yes" ? "yes" : answer.reason;
};

const outcomes = ({ folder }: EnrolledMachine) =>
  listPending(folder, 0).map((seq) => {
    const [, payload] = (readReceipt(folder, seq) ?? "").split(".");
    return receiptSchema.parse(JSON.parse(Buffer.from(payload ?? "", "base64url").toString()));
  });

describe("whose code", () => {
  it("a name in another case or another of the user's names is the same user", async () => {
    const machine = await makeHolder();
    for (const name of ["ADA.LOVELACE", "Ada@Example.COM", " ada.lovelace ", "JOSE\u0301"])
      expect(await ask(machine, "typo", { name })).toBe("mistyped");
    expect(await ask(machine, one.codeFor(9), { name: "JOSÉ" })).toBe("yes");
    expect(await ask(machine, two.codeFor(9), { name: "jose" })).toBe("no_such_user");
    expect(await ask(machine, two.codeFor(9), { name: "__proto__" })).toBe("no_such_user");
  });

  it("a code for another user is wrong, one of an earlier slot is spent, one for a later hour is too far", async () => {
    const machine = await makeHolder();
    expect(await ask(machine, other.codeFor(9))).toBe("wrong");
    expect(await ask(machine, two.codeFor(9))).toBe("yes");
    expect(await ask(machine, one.codeFor(9))).toBe("spent");
    expect(await ask(machine, three.codeFor(1000))).toBe("too_far");
    expect(await ask(machine, three.codeFor(9))).toBe("yes");
  });
});

describe("the clock", () => {
  it("set back by more than 5 min, or to 1970, opens nothing, and a sync forgives it", async () => {
    const machine = await makeHolder();
    expect(await ask(machine, "typo", { at: plus(0) })).toBe("mistyped");
    expect(await ask(machine, one.codeFor(9), { at: plus(-5 * minute - 1) })).toBe("clock_back");
    expect(await ask(machine, one.codeFor(9), { at: new Date(0) })).toBe("clock_back");
    expect(await ask(machine, one.codeFor(9), { at: new Date(-1) })).toBe("clock_back");
    expect(await ask(machine, other.codeFor(9), { at: plus(48 * hour) })).toBe("wrong");
    expect(await ask(machine, one.codeFor(9), { at: plus(hour) })).toBe("clock_back");
    await machine.hold([{ ...ada, slots: slots.map(({ slot }) => slot) }], {
      issuedAt: plus(hour).toISOString(),
    });
    expect(await ask(machine, one.codeFor(9), { at: plus(hour) })).toBe("yes");
  });

  it("set forward lets a code die, ends the package, and beyond its end leaves no mark", async () => {
    const machine = await makeHolder();
    expect(await ask(machine, one.codeFor(100), { at: plus(8 * 24 * hour) })).toBe("package_over");
    expect(await ask(machine, one.codeFor(100), { at: new Date("2999-01-01") })).toBe("package_over");
    expect(await ask(machine, one.codeFor(100), { at: new Date(8.64e15) })).toBe("package_over");
    expect(outcomes(machine).at(-1)?.at).toBe("9999-12-31T23:59:59.999Z");
    expect(await ask(machine, one.codeFor(4), { at: plus(4 * hour) })).toBe("expired");
    expect(await ask(machine, two.codeFor(4), { at: plus(4 * hour - 1) })).toBe("yes");
  });

  it("that can't be read at all opens nothing", async () => {
    const machine = await makeHolder();
    expect(await ask(machine, one.codeFor(9), { at: new Date(Number.NaN) })).toBe("fault");
  });
});

describe("guesses", () => {
  it("10,000 in a row cost years, lock nobody out, and the right code is good after the wait", async () => {
    const machine = await makeHolder();
    const guess = other.codeFor(9);
    let at = begun.getTime();
    let hashes = 0;
    const hash: HashAnchor = async (...of) => {
      hashes += 1;
      return cheapHash(...of);
    };
    const tally = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const answer = await ask(machine, guess, { at: new Date(at), hash });
      tally.set(answer, (tally.get(answer) ?? 0) + 1);
      at += 57_000;
    }
    expect([...tally.keys()].sort()).toEqual(["back_off", "wrong"]);
    expect(tally.get("wrong")).toBeLessThan(800);
    expect(hashes).toBeLessThan(800 * 3 + 1);
    expect(await ask(machine, one.codeFor(169), { at: new Date(at + 15 * minute) })).toBe("yes");
  }, 240_000);

  it("and waits, and codes that are dead, leave no receipt once 1,000 wait to be handed in, so that nobody can fill the disk", async () => {
    const machine = await makeHolder();
    await ask(machine, "typo");
    const file = path.join(machine.folder, "receipt-0000000001");
    const content = readFileSync(file);
    for (let seq = 2; seq <= 1_000; seq++)
      writeFileSync(path.join(machine.folder, `receipt-${String(seq).padStart(10, "0")}`), content, {
        mode: 0o600,
      });
    for (let i = 0; i < 3; i++) expect(await ask(machine, "typo")).toBe("mistyped");
    expect(readHead(machine.folder).seq).toBe(1_000);
    expect(await ask(machine, one.codeFor(9))).toBe("yes");
    expect(readHead(machine.folder).seq).toBe(1_001);
    expect(await ask(machine, one.codeFor(9))).toBe("spent");
    expect(await ask(machine, two.codeFor(0))).toBe("expired");
    expect(await ask(machine, two.codeFor(1000))).toBe("too_far");
    expect(readHead(machine.folder).seq).toBe(1_001);
  });
});

describe("receipts", () => {
  it("are a chain without a gap, each naming the one before it, and only a yes has a proof", async () => {
    const machine = await makeHolder();
    for (const code of ["typo", other.codeFor(9), one.codeFor(9), one.codeFor(9)]) await ask(machine, code);
    const made = outcomes(machine);
    expect(made.map(({ seq, outcome }) => [seq, outcome])).toEqual([
      [1, "mistyped"],
      [2, "wrong"],
      [3, "yes"],
      [4, "spent"],
    ]);
    for (const [i, { previous }] of made.entries())
      expect(previous).toBe(digest(i === 0 ? "" : (readReceipt(machine.folder, i) ?? "")));
    expect(made.map(({ proof }) => proof !== null)).toEqual([false, false, true, false]);
  });

  it("take turns: of many at once in one program each judges by the one before", async () => {
    const machine = await makeHolder();
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(machine, one.codeFor(9))));
    expect(answers.filter((answer) => answer === "yes")).toHaveLength(1);
    expect(outcomes(machine).filter(({ outcome }) => outcome === "yes")).toHaveLength(1);
    expect(readHead(machine.folder).seq).toBe(30);
  });

  it("can't be repeated by who slept while its number was used, handed in and tidied away", async () => {
    const machine = await makeHolder();
    let isAsleep = true;
    const sleeper: HashAnchor = async (x0, salt) => {
      if (isAsleep) {
        isAsleep = false;
        expect(await ask(machine, one.codeFor(9))).toBe("yes");
        expect(await ask(machine, "typo")).toBe("mistyped");
        tidy(machine.folder, 2);
        expect(readdirSync(machine.folder)).not.toContain("receipt-0000000001");
      }
      return cheapHash(x0, salt);
    };
    expect(await ask(machine, one.codeFor(9), { hash: sleeper })).toBe("spent");
    expect(readdirSync(machine.folder)).not.toContain("receipt-0000000001");
    expect(readHead(machine.folder).seq).toBe(3);
  });

  it("judged by a package that was replaced meanwhile close their slot under the new one too", async () => {
    const machine = await makeHolder();
    const again = () =>
      machine.hold([{ ...ada, slots: slots.map(({ slot }) => slot) }], {
        issuedAt: plus(minute).toISOString(),
      });
    const hash: HashAnchor = async (x0, salt) => {
      await again();
      return cheapHash(x0, salt);
    };
    expect(await ask(machine, one.codeFor(9), { hash })).toBe("yes");
    await again();
    expect(await ask(machine, one.codeFor(9))).toBe("spent");
  });
});

describe("a loss of power", () => {
  it("at any byte of a write leaves what was there before, and the use is granted once", async () => {
    const machine = await makeHolder();
    await ask(machine, one.codeFor(9));
    const [file, before] = ["receipt-0000000001", ["machine"]];
    const whole = readFileSync(path.join(machine.folder, file));
    const held = readdirSync(machine.folder).find((name) => name.startsWith("package-")) ?? "";
    for (let length = 0; length <= whole.length; length += 7) {
      const cut = makeMachine(memory);
      folders.push(cut.folder);
      for (const name of [held, ...before])
        writeFileSync(path.join(cut.folder, name), readFileSync(path.join(machine.folder, name)), {
          mode: 0o600,
        });
      writeFileSync(path.join(cut.folder, ".new-999999-0"), whole.subarray(0, length), { mode: 0o600 });
      expect(await ask(cut, one.codeFor(9))).toBe("yes");
      expect(await ask(cut, one.codeFor(9))).toBe("spent");
      tidy(cut.folder, 0);
      expect(readdirSync(cut.folder)).not.toContain(".new-999999-0");
      removeFolder(cut.folder);
    }
  });
});
