import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { digest } from "./jws";

/** A file that isn't what was written: the disk lost or turned some of it. */
export class DamagedError extends Error {
  override name = "DamagedError";
}

const temporaryPrefix = ".new-";
let written = 0;

/**
 * Writes a file that is there in full or not at all, whenever the power fails, unless one of that name is there already.
 * It is on the disk when this returns.
 *
 * @returns false where the name was taken: of any number who create it at once exactly one gets true.
 * @throws What the disk says (ENOSPC, EROFS, EIO …); the file may be there then, but in full.
 */
export function createDurably(folder: string, name: string, value: object): boolean {
  return writeDurably(folder, value, (temporary) => {
    try {
      linkSync(temporary, path.join(folder, name));
      return true;
    } catch (error) {
      if (isCode(error, "EEXIST")) return false;
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

/** Writes or replaces a file, likewise: whoever reads sees the old one or the new one, in full (offline, "Package"). */
export function replaceDurably(folder: string, name: string, value: object): void {
  writeDurably(folder, value, (temporary) => {
    renameSync(temporary, path.join(folder, name));
    return true;
  });
}

function writeDurably(folder: string, value: object, place: (temporary: string) => boolean): boolean {
  const text = JSON.stringify(value);
  const temporary = path.join(folder, `${temporaryPrefix}${process.pid}-${written++}`);
  rmSync(temporary, { force: true });
  try {
    const file = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(file, `${text}\n${digest(text)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const isPlaced = place(temporary);
    if (isPlaced) flushFolder(folder);
    return isPlaced;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Makes the names in a folder durable; Windows has no such thing and needs none. */
function flushFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Reads what was written durably.
 *
 * @returns undefined where there is no such file.
 * @throws DamagedError where it isn't what was written.
 */
export function readDurable(folder: string, name: string): unknown {
  let content: string;
  try {
    content = readFileSync(path.join(folder, name), "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return undefined;
    throw error;
  }
  const [text, sum, rest, ...more] = content.split("\n");
  if (text === undefined || sum !== digest(text) || rest !== "" || more.length > 0)
    throw new DamagedError(`${name} is damaged`);
  return JSON.parse(text);
}

/** Whether a name is that of a file that a process which is gone began to write. */
export function isAbandoned(name: string): boolean {
  if (!name.startsWith(temporaryPrefix)) return false;
  const pid = Number.parseInt(name.slice(temporaryPrefix.length), 10);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return isCode(error, "ESRCH");
  }
}

/** Whether a fault is the system's of this code, such as `ENOENT`. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
