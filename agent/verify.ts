import { readSync as readBytes } from "node:fs";
import {
  adoptPackage,
  type HashAnchor,
  type JudgedSlot,
  type Judgement,
  type JudgeOutcome,
  judgeOffline,
} from "@/lib/codes/judge";
import { foldKey } from "@/lib/directory/fold";
import type { PackageSlot } from "@/lib/machines/wire";
import { remembering } from "./argon2";
import { isCode } from "./durable";
import { signReceipt } from "./receipts";
import {
  compareVersions,
  createReceipt,
  type HeldPackage,
  listPending,
  readHead,
  readMachine,
  readPackage,
  readSync,
  StateError,
} from "./state";

/** `yes`; `no`: judged and not good; `unknown`: nothing could be judged, or not be recorded. */
export type Answer =
  | { readonly word: "yes" }
  | { readonly word: "no"; readonly reason: Exclude<JudgeOutcome, "yes" | "package_over"> }
  | {
      readonly word: "unknown";
      readonly reason: StateError["reason"] | "package_over" | "not_recorded" | "busy" | "fault";
    };

/** The clock and the Argon2id to judge by. */
export interface Means {
  readonly now: () => Date;
  readonly hash: HashAnchor;
}

const standardInput = 0;
const inputBytesMax = 1024;
const racesMax = 100;

/** Outcomes that cost whoever asks nothing: beyond so many receipts that wait they leave none, lest they fill the disk. */
const free: readonly JudgeOutcome[] = [
  "mistyped",
  "back_off",
  "clock_back",
  "package_over",
  "no_such_user",
  "expired",
  "too_far",
  "spent",
  "revoked",
];
const pendingMax = 1_000;

/**
 * Answers whether a code is good for a user on this machine, now. Touches no network.
 *
 * The receipt, and with it the spent use or the counted failure, is on the disk before this returns; where it can't be,
 * there is no yes. Any number of processes may ask at once: each judges by what the one before recorded.
 *
 * @param name A login name of the user, in any case.
 * @param input As typed, untrusted.
 * @returns `no` with the judge's reason. `unknown`: `not_enrolled`, `no_package`, `package_over`; `unsafe_state`, `damaged`:
 *   the folder; `not_recorded`: the disk; `busy`: too many ask at once; `fault`: anything else.
 * @see offline, "Judging a code offline", "The agent"
 */
export async function verify(folder: string, name: string, input: string, means: Means): Promise<Answer> {
  const hash = remembering(means.hash);
  try {
    for (let race = 0; race < racesMax; race++) {
      const judgement = await judgeOnce(folder, name, input, { ...means, hash });
      if (judgement !== undefined) return toAnswer(judgement.outcome);
    }
    return { word: "unknown", reason: "busy" };
  } catch (error) {
    if (error instanceof StateError) return { word: "unknown", reason: error.reason };
    const isOfSystem = error instanceof Error && "syscall" in error;
    return { word: "unknown", reason: isOfSystem ? "not_recorded" : "fault" };
  }
}

async function judgeOnce(
  folder: string,
  name: string,
  input: string,
  { now, hash }: Means,
): Promise<Judgement | undefined> {
  const machine = readMachine(folder);
  const held = readPackage(folder, machine);
  if (held === undefined) throw new StateError("no_package", "No package was synced yet");
  const head = readHead(folder);
  const at = now();
  const pack = toJudged(held);
  const isNewer = compareVersions(head.version, held.version) < 0;
  const before = isNewer ? adoptPackage(head.state, pack, slotIdsOf(held)) : head.state;
  const judgement = await judgeOffline({ input, user: findUser(held, name), now: at }, pack, before, hash);
  if (isLeftOut(folder, judgement.outcome)) return judgement;
  const receipt = {
    after: head.id,
    jws: signReceipt(machine, head, held.version, judgement, at),
    version: isNewer ? held.version : head.version,
    state: judgement.state,
  };
  return createReceipt(folder, head.seq + 1, receipt) ? judgement : undefined;
}

function isLeftOut(folder: string, outcome: JudgeOutcome): boolean {
  return free.includes(outcome) && listPending(folder, readSync(folder).acknowledged).length >= pendingMax;
}

function toAnswer(outcome: JudgeOutcome): Answer {
  if (outcome === "yes") return { word: "yes" };
  if (outcome === "package_over") return { word: "unknown", reason: outcome };
  return { word: "no", reason: outcome };
}

function findUser({ pack }: HeldPackage, name: string): { userId: string; slots: JudgedSlot[] } | null {
  const key = foldKey(name);
  const user = pack.users.find(({ names }) => names.includes(key));
  return user === undefined ? null : { userId: user.userId, slots: user.slots.map(toSlot) };
}

function toJudged({ pack }: HeldPackage) {
  return {
    notAfter: new Date(pack.notAfter),
    serverTime: new Date(pack.serverTime),
    codeSecondsMax: pack.codeSecondsMax,
  };
}

function slotIdsOf({ pack }: HeldPackage): Set<string> {
  return new Set(pack.users.flatMap(({ slots }) => slots.map(({ slotId }) => slotId)));
}

function toSlot(slot: PackageSlot): JudgedSlot {
  return {
    slotId: slot.slotId,
    number: slot.number,
    kind: slot.kind,
    epoch: new Date(slot.slotEpoch),
    salt: Uint8Array.from(Buffer.from(slot.salt, "base64url")),
    anchor: Uint8Array.from(Buffer.from(slot.anchor, "base64url")),
    state: slot.state,
  };
}

/**
 * Reads a typed code from standard input: up to the end of the line, the first NUL (as pam_exec may write one) or the end of input.
 *
 * @returns What was typed; of more than 1024 bytes only those, which no code is.
 */
export function readCode(): string {
  const bytes = Buffer.alloc(inputBytesMax);
  let length = 0;
  while (length < inputBytesMax) {
    const count = readSome(bytes, length);
    if (count === 0) break;
    const isOver = bytes.subarray(length, length + count).some((byte) => byte === 0x0a || byte === 0);
    length += count;
    if (isOver) break;
  }
  return bytes.toString("utf8", 0, length).split(/[\n\0]/, 1)[0] ?? "";
}

function readSome(bytes: Buffer, from: number): number {
  for (;;) {
    try {
      return readBytes(standardInput, bytes, from, bytes.length - from, null);
    } catch (error) {
      if (isCode(error, "EOF")) return 0;
      if (!isCode(error, "EAGAIN")) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
