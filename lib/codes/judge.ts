import { decideExpiry, equalAnchors, walkToZero } from "./chain";
import { type ParsedCode, parseCode } from "./format";

/** Turns `x_0` and a salt into an anchor: Argon2id, of whichever library the judge has (access-code, "The chain"). */
export type HashAnchor = (x0: Uint8Array, salt: Uint8Array) => Promise<Uint8Array>;

/** Wrong codes in a row from which on a user must wait (limits, "offline"). */
const failuresBeforeBackOff = 5;

const backOffSecondsFirst = 30;
const backOffSecondsMax = 15 * 60;
const clockToleranceMilliseconds = 5 * 60_000;

/** How many closed slots are looked at for the reason of a no; the newest first. */
const closedSlotsMax = 8;

/** A slot as a machine knows it, decoded. */
export interface JudgedSlot {
  readonly slotId: string;
  readonly number: number;
  readonly kind: "once" | "reusable";
  /** A whole UTC hour. */
  readonly epoch: Date;
  readonly salt: Uint8Array;
  readonly anchor: Uint8Array;
  readonly state: "open" | "spent" | "revoked";
}

/** What of a package every judgement needs. */
export interface JudgedPackage {
  readonly notAfter: Date;
  readonly serverTime: Date;
  /** The longest life that any code may have. */
  readonly codeSecondsMax: number;
}

/** What a machine remembers of one user. */
export interface UserState {
  /** Wrong codes in a row. */
  readonly failures: number;
  /** Unix milliseconds until which nothing is judged; 0: no wait. */
  readonly waitUntil: number;
  /** Ids of the slots that were closed here. */
  readonly closed: readonly string[];
}

/** What a machine remembers between two judgements, all of it plain JSON. */
export interface JudgeState {
  /** The highest signed server time or own earlier judgement, in Unix milliseconds. */
  readonly clockMark: number;
  /** By user id; who isn't here has done nothing. */
  readonly users: Readonly<Record<string, UserState>>;
}

/** Why a code is good, or why it isn't. */
export type JudgeOutcome =
  | "yes"
  | "mistyped"
  | "wrong"
  | "expired"
  | "too_far"
  | "spent"
  | "revoked"
  | "back_off"
  | "clock_back"
  | "package_over"
  | "no_such_user";

/** What was asked: a typed code, for a user of the package or for nobody in it. */
export interface JudgeQuestion {
  /** As typed, untrusted, of any length. */
  readonly input: string;
  readonly user: { readonly userId: string; readonly slots: readonly JudgedSlot[] } | null;
  /** By the machine's clock. */
  readonly now: Date;
}

/** A judgement, and what must be remembered before it is told. */
export interface Judgement {
  readonly outcome: JudgeOutcome;
  readonly userId: string | null;
  /** The slot that the code is of, where one was recognised. */
  readonly slotId: string | null;
  /** Of a yes: `x_0`. */
  readonly proof: Uint8Array | null;
  readonly state: JudgeState;
  /** Whole seconds until something is judged again; 0: no wait. */
  readonly retryAfterSeconds: number;
}

type StandardCode = Extract<ParsedCode, { kind: "standard" }>;

const nothingYet: UserState = { failures: 0, waitUntil: 0, closed: [] };

/**
 * Decides whether a code's chain ends in a slot's anchor. Costs one walk and one Argon2id, whatever comes of it.
 *
 * @param code A standard code, as parsed.
 * @param slot Salt and anchor of a slot, or of nobody's.
 * @returns `x_0` where it does, null where it doesn't.
 * @see access-code, "The chain"; used by both judges
 */
export async function provesAnchor(
  code: Pick<StandardCode, "expiryIndex" | "link">,
  slot: Pick<JudgedSlot, "salt" | "anchor">,
  hash: HashAnchor,
): Promise<Uint8Array | null> {
  const x0 = walkToZero(slot.salt, code.expiryIndex, code.link);
  return equalAnchors(await hash(x0, slot.salt), slot.anchor) ? x0 : null;
}

/**
 * Judges a code without a network. Pure but for `hash`: the same question and state give the same judgement.
 *
 * In this order: check symbol; package not past its end; clock not more than 5 min behind its mark; user on this machine;
 * not in a back-off; then each open slot whose hour is ahead and not absurdly far, walked and compared. A yes closes its
 * slot if `once`, and every slot with a lower number. The caller makes `state` durable before it tells anybody.
 *
 * @param pack The package, already found to be signed and this machine's.
 * @param before What was remembered so far.
 * @returns `yes`, with the proof. `mistyped`, `package_over`, `clock_back`: nothing was judged and nothing changes.
 *   `no_such_user`; `back_off`: nothing was judged. `expired`, `too_far`, `spent`, `revoked`: it is a code of this user, but
 *   dead; counts nothing. `wrong`: counts; from the 5th in a row on the user waits 30 s, doubling, at most 15 min. A short code
 *   is online only and `wrong` here.
 * @throws RangeError when a slot is malformed or `now` is no time, so that nothing broken is ever a yes.
 * @see offline, "Judging a code offline"; limits, "offline"
 */
export async function judgeOffline(
  question: JudgeQuestion,
  pack: JudgedPackage,
  before: JudgeState,
  hash: HashAnchor,
): Promise<Judgement> {
  const { user, now } = question;
  const time = now.getTime();
  if (Number.isNaN(time)) throw new RangeError("No valid time");
  const userId = user?.userId ?? null;
  const says = (outcome: JudgeOutcome, state: JudgeState, more: Partial<Judgement> = {}): Judgement => ({
    outcome,
    userId,
    slotId: null,
    proof: null,
    retryAfterSeconds: 0,
    ...more,
    state,
  });

  const code = parseCode(question.input);
  if (code.kind === "mistyped") return says("mistyped", before);
  if (time >= pack.notAfter.getTime()) return says("package_over", before);
  const mark = Math.max(before.clockMark, pack.serverTime.getTime());
  if (time < mark - clockToleranceMilliseconds) return says("clock_back", before);
  const marked: JudgeState = { ...before, clockMark: Math.max(mark, time) };
  if (user === null) return says("no_such_user", marked);
  const mine = before.users[user.userId] ?? nothingYet;
  const remember = (state: UserState): JudgeState => ({
    ...marked,
    users: { ...marked.users, [user.userId]: state },
  });
  if (time < mine.waitUntil)
    return says("back_off", marked, { retryAfterSeconds: Math.ceil((mine.waitUntil - time) / 1000) });

  if (code.kind === "standard") {
    for (const { slot, refusal } of inOrder(user.slots, mine.closed, code, now, pack.codeSecondsMax)) {
      const proof = await provesAnchor(code, slot, hash);
      if (proof === null) continue;
      if (refusal !== null) return says(refusal, marked, { slotId: slot.slotId });
      const closed = closedBy(slot, user.slots, mine.closed);
      return says("yes", remember({ failures: 0, waitUntil: 0, closed }), { slotId: slot.slotId, proof });
    }
  }
  const failures = mine.failures + 1;
  const waitSeconds = backOffSeconds(failures);
  const waitUntil = waitSeconds === 0 ? 0 : time + waitSeconds * 1000;
  return says("wrong", remember({ ...mine, failures, waitUntil }), { retryAfterSeconds: waitSeconds });
}

/**
 * Takes over what was remembered under an older package: failures and back-offs are forgotten, the clock mark is the new
 * package's server time, and slots stay closed.
 *
 * @param slotIds The slots of the new package: of others nothing needs to be remembered.
 * @see offline, "Judging a code offline": "a new package clears it", "a sync resets it"
 */
export function adoptPackage(
  before: JudgeState,
  pack: Pick<JudgedPackage, "serverTime">,
  slotIds: ReadonlySet<string>,
): JudgeState {
  const users = Object.entries(before.users)
    .map(([userId, { closed }]) => [userId, closed.filter((slotId) => slotIds.has(slotId))] as const)
    .filter(([, closed]) => closed.length > 0)
    .map(([userId, closed]) => [userId, { ...nothingYet, closed }]);
  return { clockMark: pack.serverTime.getTime(), users: Object.fromEntries(users) };
}

/** Gives the wait after so many wrong codes in a row, in seconds: 0 below the 5th, then 30 s, doubling, at most 15 min. */
export function backOffSeconds(failures: number): number {
  if (failures < failuresBeforeBackOff) return 0;
  return Math.min(backOffSecondsFirst * 2 ** (failures - failuresBeforeBackOff), backOffSecondsMax);
}

interface Considered {
  readonly slot: JudgedSlot;
  /** What the answer is if the code is of this slot; null: yes. */
  readonly refusal: "spent" | "revoked" | "expired" | "too_far" | null;
}

/** First those that could give a yes, the lowest first, as they are issued; then those that give a no its reason, the newest first. */
function inOrder(
  slots: readonly JudgedSlot[],
  closed: readonly string[],
  code: StandardCode,
  now: Date,
  codeSecondsMax: number,
): Considered[] {
  const considered = slots
    .toSorted((a, b) => a.number - b.number)
    .map((slot) => ({ slot, refusal: refusalOf(slot, closed, code, now, codeSecondsMax) }));
  const dead = considered.filter(({ refusal }) => refusal !== null).reverse();
  return [...considered.filter(({ refusal }) => refusal === null), ...dead.slice(0, closedSlotsMax)];
}

function refusalOf(
  slot: JudgedSlot,
  closed: readonly string[],
  code: StandardCode,
  now: Date,
  codeSecondsMax: number,
): Considered["refusal"] {
  if (slot.state !== "open") return slot.state;
  if (closed.includes(slot.slotId)) return "spent";
  const hours = decideExpiry(slot.epoch, code.expiryIndex, now, codeSecondsMax);
  if (hours.ok) return null;
  return hours.reason === "passed" ? "expired" : "too_far";
}

function closedBy(used: JudgedSlot, slots: readonly JudgedSlot[], closed: readonly string[]): string[] {
  const now = slots
    .filter(({ number }) => number < used.number || (number === used.number && used.kind === "once"))
    .map(({ slotId }) => slotId);
  return [...new Set([...closed, ...now])];
}
