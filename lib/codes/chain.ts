import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { assertExpiryIndex, assertLink, expiryIndexMax, linkBytes, shortSymbolsCount } from "./format";

// SHA-256 and randomness are of node:crypto: the server and the agent walk chains, a browser never does.

/** Random bytes of a slot's or a short code's salt. */
export const saltBytes = 16;

/** Argon2id, by which both judges turn `x_0` into an anchor (access-code, "The chain"; ASVS 5.0 App. C). */
export const anchorParameters = { passes: 2, memoryKibibytes: 19_456, lanes: 1, bytes: 32 } as const;

/** Why an expiry index is refused: its hour has passed, or it lies further ahead than any code may live. */
export type ExpiryRefusal = "passed" | "too-far";

/** Why a slot can't carry a wanted expiry: it lies before the slot's epoch, or behind the end of the chain. */
export type ExpiryIndexRefusal = "before-slot" | "beyond-chain";

const hourMilliseconds = 3_600_000;
const domain = new TextEncoder().encode("emergency-access-code/v1\0");
const indexOffset = domain.length + saltBytes;
const linkOffset = indexOffset + 2;

/**
 * Walks a revealed link down to `x_0`, what the anchor is made of. At most 1023 hashes, one to three milliseconds.
 *
 * @param salt The slot's 16 bytes.
 * @param expiryIndex The `e` of the code, 0-1023.
 * @param link The `x_e` of the code.
 * @throws RangeError when one of them is out of its range; what `parseCode` gives never is.
 * @see access-code, "The chain"
 */
export function walkToZero(salt: Uint8Array, expiryIndex: number, link: Uint8Array): Uint8Array {
  return walk(salt, expiryIndex, 0, link);
}

/**
 * Computes the link that a code reveals, `x_e`, from the slot's seed.
 *
 * @param salt The slot's 16 bytes.
 * @param seed `x_1023`, 65 random bits in 9 bytes.
 * @param expiryIndex `e`, 0-1023.
 * @throws RangeError when one of them is out of its range.
 * @see access-code, "The chain"
 */
export function linkAt(salt: Uint8Array, seed: Uint8Array, expiryIndex: number): Uint8Array {
  return walk(salt, expiryIndexMax, expiryIndex, seed);
}

/**
 * Draws a slot's seed: 65 uniformly random bits in 9 bytes.
 *
 * @see access-code, "The chain"
 */
export function randomSeed(): Uint8Array {
  return Uint8Array.from(randomBytes(linkBytes), (byte, i) => (i === 0 ? byte & 1 : byte));
}

/**
 * Draws the salt of a slot or of a short code: 16 random bytes.
 *
 * @see access-code, "The chain", "The short code"
 */
export function randomSalt(): Uint8Array {
  return Uint8Array.from(randomBytes(saltBytes));
}

/**
 * Draws a short code: 7 uniformly random symbol values, each 0-31.
 *
 * @see access-code, "The short code"
 */
export function randomShort(): Uint8Array {
  return Uint8Array.from(randomBytes(shortSymbolsCount), (byte) => byte & 31);
}

/**
 * Gives the epoch of a slot made now: the whole UTC hour that `now` lies in.
 *
 * @throws RangeError when `now` is no time.
 * @see access-code, "The chain": `slotEpoch`
 */
export function slotEpochOf(now: Date): Date {
  return new Date(Math.floor(millisecondsOf(now) / hourMilliseconds) * hourMilliseconds);
}

/**
 * Finds the index whose hour is the first that isn't before the wanted expiry: rounded up, so a code never dies
 * offline before it dies online.
 *
 * @param slotEpoch The slot's epoch, a whole UTC hour.
 * @param wantedExpiry The online expiry.
 * @returns `expiryIndex` 0-1023, or the refusal `before-slot` or `beyond-chain`.
 * @throws RangeError when a date is no time, or the epoch no whole hour.
 * @see access-code, "The chain"
 */
export function expiryIndexFor(
  slotEpoch: Date,
  wantedExpiry: Date,
): { ok: true; expiryIndex: number } | { ok: false; reason: ExpiryIndexRefusal } {
  const lifeMilliseconds = millisecondsOf(wantedExpiry) - epochMilliseconds(slotEpoch);
  const expiryIndex = Math.ceil(lifeMilliseconds / hourMilliseconds);
  if (lifeMilliseconds < 0) return { ok: false, reason: "before-slot" };
  if (expiryIndex > expiryIndexMax) return { ok: false, reason: "beyond-chain" };
  return { ok: true, expiryIndex };
}

/**
 * Gives the moment from which a code is dead offline, `slotEpoch + e` hours.
 *
 * @param slotEpoch The slot's epoch, a whole UTC hour.
 * @param expiryIndex `e`, 0-1023.
 * @throws RangeError when one of them is out of its range.
 * @see access-code, "The standard code", "The chain"
 */
export function offlineExpiry(slotEpoch: Date, expiryIndex: number): Date {
  assertExpiryIndex(expiryIndex);
  return new Date(epochMilliseconds(slotEpoch) + expiryIndex * hourMilliseconds);
}

/**
 * Decides whether the hour of an expiry index is ahead, and near enough to have been issued by us.
 *
 * The offline judge refuses on both reasons. The online one refuses on `too-far`, which whoever broke a chain upwards
 * would need, and leaves `passed` to the exact expiry of the row.
 *
 * @param slotEpoch The slot's epoch, a whole UTC hour.
 * @param expiryIndex `e` of the typed code, 0-1023.
 * @param now The judge's clock.
 * @param lifeSecondsMax The longest life that any code may have, from policy.
 * @returns The refusal `passed` from the hour itself on, `too-far` when the hour is later than now, the longest life
 *   and one hour together.
 * @throws RangeError when one of them is out of its range, so that a broken clock never lets a code through.
 * @see access-code, "The chain": how strong; offline, "Judging a code offline"
 */
export function decideExpiry(
  slotEpoch: Date,
  expiryIndex: number,
  now: Date,
  lifeSecondsMax: number,
): { ok: true } | { ok: false; reason: ExpiryRefusal } {
  if (!(Number.isFinite(lifeSecondsMax) && lifeSecondsMax >= 0))
    throw new RangeError("The longest life is a number of seconds from 0 up");
  const aheadMilliseconds = offlineExpiry(slotEpoch, expiryIndex).getTime() - millisecondsOf(now);
  if (aheadMilliseconds <= 0) return { ok: false, reason: "passed" };
  if (aheadMilliseconds > lifeSecondsMax * 1000 + hourMilliseconds) return { ok: false, reason: "too-far" };
  return { ok: true };
}

/**
 * Compares two anchors in a time that tells nothing of where they differ.
 *
 * @param computed What the typed code gave.
 * @param stored What the row holds.
 * @returns Whether both are 32 bytes and the same; false for any other length.
 * @see access-code, "The chain"
 */
export function equalAnchors(computed: Uint8Array, stored: Uint8Array): boolean {
  return (
    computed.length === anchorParameters.bytes &&
    stored.length === anchorParameters.bytes &&
    timingSafeEqual(computed, stored)
  );
}

function walk(salt: Uint8Array, from: number, to: number, link: Uint8Array): Uint8Array {
  if (salt.length !== saltBytes) throw new RangeError("A salt is 16 bytes");
  assertExpiryIndex(from);
  assertExpiryIndex(to);
  assertLink(link);
  const message = Buffer.alloc(linkOffset + linkBytes);
  message.set(domain);
  message.set(salt, domain.length);
  message.set(link, linkOffset);
  for (let i = from - 1; i >= to; i--) {
    message.writeUInt16BE(i, indexOffset);
    const digest = createHash("sha256").update(message).digest();
    message[linkOffset] = digest.readUInt8(0) >> 7;
    for (let k = 1; k < linkBytes; k++) message[linkOffset + k] = digest.readUInt16BE(k - 1) >> 7;
  }
  return Uint8Array.from(message.subarray(linkOffset));
}

function epochMilliseconds(slotEpoch: Date): number {
  const milliseconds = millisecondsOf(slotEpoch);
  if (milliseconds % hourMilliseconds !== 0) throw new RangeError("A slot's epoch is a whole UTC hour");
  return milliseconds;
}

function millisecondsOf(date: Date): number {
  const milliseconds = date.getTime();
  if (Number.isNaN(milliseconds)) throw new RangeError("No valid time");
  return milliseconds;
}
