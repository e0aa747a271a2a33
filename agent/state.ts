import { randomUUID } from "node:crypto";
import { lstatSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { JudgeState } from "@/lib/codes/judge";
import type { Package } from "@/lib/machines/wire";
import { createDurably, DamagedError, isAbandoned, isCode, readDurable, replaceDurably } from "./durable";
import { digest, openJws } from "./jws";

/**
 * The state folder, 0700, of the files below, 0600 (offline, "Package"):
 *
 * - `machine`: who this machine is. Written once, by `enroll`.
 * - `package-…`: the package, by its pair and time: the highest name is the one that counts, so no lower one can take its place.
 * - `receipt-…`: one for each answer, by its number, with what was remembered after it. Creating that name is what spends a use:
 *   of any number of processes that judged by the same state exactly one can, and the others judge again. Nobody holds a lock,
 *   so nobody who is killed leaves one behind.
 * - `sync`: how the last sync went.
 */
const names = { machine: "machine", sync: "sync" } as const;

/** Why nothing can be judged here. */
export class StateError extends Error {
  override name = "StateError";
  constructor(
    readonly reason: "not_enrolled" | "no_package" | "unsafe_state" | "damaged",
    message: string,
  ) {
    super(message);
  }
}

/** Who this machine is. */
export interface Machine {
  /** Base URL of the server, without a slash at its end. */
  readonly server: string;
  readonly machineId: string;
  readonly machine: string;
  /** Ed25519, base64url of PKCS#8. */
  readonly privateKey: string;
  /** The server's key that was pinned at enrolment, raw, base64url. */
  readonly signingKey: string;
}

/** Which of two packages is newer: `generation` and `serial` only rise; of the same pair the later one counts. */
export interface Version {
  readonly generation: number;
  readonly serial: number;
  /** Unix milliseconds. */
  readonly issuedAt: number;
}

/** The package that counts. */
export interface HeldPackage {
  readonly version: Version;
  /** Raw keys that may sign the next package, base64url: the one that signed this, and the one that it announced. */
  readonly pinned: readonly string[];
  readonly pack: Package;
}

/** The last receipt, and what was remembered after it. */
export interface Head {
  readonly seq: number;
  /** Names the file, whatever is in it: the same answer, given twice, is written under two. */
  readonly id: string;
  /** What the next receipt names as `previous`. */
  readonly hash: string;
  /** What it was judged by. */
  readonly version: Version;
  readonly state: JudgeState;
}

/** How the last sync went. */
export interface SyncRecord {
  /** ISO 8601, by the machine's clock; null: never. */
  readonly lastSyncAt: string | null;
  /** What went wrong at the last try; null: nothing. */
  readonly lastSyncError: string | null;
  readonly syncSeconds: number;
  /** Number of the last receipt that the server has. */
  readonly acknowledged: number;
}

interface StoredPackage {
  readonly pinned: readonly string[];
  /** null: it was withdrawn. */
  readonly jws: string | null;
}

interface StoredReceipt {
  readonly id: string;
  /** The `id` of the head that it was judged by. */
  readonly after: string;
  readonly jws: string;
  readonly version: Version;
  readonly state: JudgeState;
}

const beforeAll: Head = {
  seq: 0,
  id: "",
  hash: digest(""),
  version: { generation: 0, serial: 0, issuedAt: 0 },
  state: { clockMark: 0, users: {} },
};
const neverSynced: SyncRecord = {
  lastSyncAt: null,
  lastSyncError: null,
  syncSeconds: 4 * 3600,
  acknowledged: 0,
};

const receiptName = (seq: number) => `receipt-${String(seq).padStart(10, "0")}`;
const packageName = ({ generation, serial, issuedAt }: Version) =>
  `package-${[generation, serial, issuedAt].map((part) => String(part).padStart(16, "0")).join("-")}`;

/** Compares two versions: below 0 where `a` is older. */
export function compareVersions(a: Version, b: Version): number {
  return a.generation - b.generation || a.serial - b.serial || a.issuedAt - b.issuedAt;
}

/** The version of a package. */
export function toVersion(pack: Package): Version {
  return { generation: pack.generation, serial: pack.serial, issuedAt: Date.parse(pack.issuedAt) };
}

/**
 * Reads who this machine is.
 *
 * @throws StateError `not_enrolled`; `unsafe_state` where the folder is somebody else's or others may look into it; `damaged`.
 */
export function readMachine(folder: string): Machine {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) throw new StateError("not_enrolled", "This machine is not enrolled");
  const isOurs = process.geteuid === undefined || stat.uid === process.geteuid();
  const isClosed = process.platform === "win32" || (stat.mode & 0o077) === 0;
  if (!stat.isDirectory() || !isOurs || !isClosed)
    throw new StateError("unsafe_state", `${folder} is not a folder of this user alone (0700)`);
  const machine = read<Machine>(folder, names.machine);
  if (machine === undefined) throw new StateError("not_enrolled", "This machine is not enrolled");
  return machine;
}

/** Writes who this machine is; false where it is somebody already. */
export function createMachine(folder: string, machine: Machine): boolean {
  return createDurably(folder, names.machine, machine);
}

/**
 * Reads the package that counts, and looks whether it is signed and this machine's.
 *
 * @returns undefined where there is none, or where it was withdrawn.
 * @throws StateError `damaged`: by the disk, or somebody put it there.
 */
export function readPackage(folder: string, { machineId }: Machine): HeldPackage | undefined {
  return whileOthersTidy(() => {
    const name = listNames(folder, "package-").at(-1);
    if (name === undefined) return undefined;
    const stored = readListed<StoredPackage>(folder, name);
    if (stored.jws === null) return undefined;
    const opened = openJws(stored.jws, "sparekey-package", stored.pinned);
    // Its shape was judged before it was stored, and the signature says that these are the same bytes.
    const pack = opened?.payload as Package | undefined;
    if (pack?.machineId !== machineId) throw new StateError("damaged", "The package is not this machine's");
    return { version: toVersion(pack), pinned: stored.pinned, pack };
  });
}

/**
 * Stores a package. The caller has judged it.
 *
 * @param pinned The keys that may sign the one after it.
 */
export function storePackage(folder: string, jws: string, pack: Package, pinned: readonly string[]): void {
  const name = packageName(toVersion(pack));
  replaceDurably(folder, name, { pinned, jws } satisfies StoredPackage);
  for (const older of listNames(folder, "package-"))
    if (older < name) rmSync(path.join(folder, older), { force: true });
}

/** Withdraws the package that counts; that no older one takes its place is kept. */
export function endPackage(folder: string): void {
  const name = listNames(folder, "package-").at(-1);
  if (name !== undefined) replaceDurably(folder, name, { pinned: [], jws: null } satisfies StoredPackage);
}

/** The version of the newest package there ever was here, readable or not; undefined: none. */
export function newestVersion(folder: string): Version | undefined {
  const [generation, serial, issuedAt] =
    listNames(folder, "package-").at(-1)?.split("-").slice(1).map(Number) ?? [];
  if (generation === undefined || serial === undefined || issuedAt === undefined) return undefined;
  return { generation, serial, issuedAt };
}

/**
 * Reads the last receipt, and what was remembered after it.
 *
 * @throws StateError `damaged`: whatever was spent last can't be known, so nothing is judged.
 */
export function readHead(folder: string): Head {
  return whileOthersTidy(() => {
    const name = listNames(folder, "receipt-").at(-1);
    if (name === undefined) return beforeAll;
    const { id, jws, version, state } = readListed<StoredReceipt>(folder, name);
    return { seq: toSeq(name), id, hash: digest(jws), version, state };
  });
}

/**
 * Records an answer, before it is given: when this returns true the receipt, and with it the use, is on the disk.
 *
 * @param seq The number after the head that was judged by.
 * @returns false where another process recorded an answer since: judge again.
 */
export function createReceipt(folder: string, seq: number, receipt: Omit<StoredReceipt, "id">): boolean {
  const id = randomUUID();
  if (!createDurably(folder, receiptName(seq), { id, ...receipt } satisfies StoredReceipt)) return false;
  const newest = listNames(folder, "receipt-").at(-1);
  if (newest === receiptName(seq)) return true;
  // Another process saw it, and judged by it: it stands.
  if (read<StoredReceipt>(folder, receiptName(seq + 1))?.after === id) return true;
  // The number had been given out, handed in and tidied away while this process was asleep.
  rmSync(path.join(folder, receiptName(seq)), { force: true });
  return false;
}

/** Numbers of the receipts that the server hasn't acknowledged, oldest first. */
export function listPending(folder: string, acknowledged: number): number[] {
  return listNames(folder, "receipt-")
    .map(toSeq)
    .filter((seq) => seq > acknowledged);
}

/** Reads a receipt as it was signed; undefined where it is gone. */
export function readReceipt(folder: string, seq: number): string | undefined {
  return read<StoredReceipt>(folder, receiptName(seq))?.jws;
}

/** Removes the receipts that the server has, but for the last one, and what killed processes left behind. */
export function tidy(folder: string, acknowledged: number): void {
  const done = listNames(folder, "receipt-")
    .slice(0, -1)
    .filter((name) => toSeq(name) <= acknowledged);
  const abandoned = readdirSync(folder).filter(isAbandoned);
  for (const name of [...done, ...abandoned]) rmSync(path.join(folder, name), { force: true });
}

/** Reads how the last sync went. */
export function readSync(folder: string): SyncRecord {
  try {
    return read<SyncRecord>(folder, names.sync) ?? neverSynced;
  } catch (error) {
    if (error instanceof StateError) return neverSynced;
    throw error;
  }
}

/** Writes how the last sync went. */
export function writeSync(folder: string, record: SyncRecord): void {
  replaceDurably(folder, names.sync, record);
}

/** Removes all that a machine holds; its key first, so that what is left by a kill is of nobody. */
export function removeAll(folder: string): void {
  const ours = readdirSync(folder).filter((name) =>
    /^(machine|sync|package-.*|receipt-.*|\.new-.*)$/.test(name),
  );
  for (const name of ours.sort()) rmSync(path.join(folder, name), { force: true });
}

class TidiedAway extends Error {}

/** Another process may remove an older file between the list and the look: then there is a newer one. */
function whileOthersTidy<T>(look: () => T): T {
  for (;;) {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof TidiedAway)) throw error;
    }
  }
}

function readListed<T>(folder: string, name: string): T {
  const value = read<T>(folder, name);
  if (value === undefined) throw new TidiedAway();
  return value;
}

function read<T>(folder: string, name: string): T | undefined {
  try {
    return readDurable(folder, name) as T | undefined;
  } catch (error) {
    if (error instanceof DamagedError) throw new StateError("damaged", error.message);
    throw error;
  }
}

function listNames(folder: string, prefix: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(prefix))
      .sort();
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}

function toSeq(name: string): number {
  return Number(name.slice("receipt-".length));
}
