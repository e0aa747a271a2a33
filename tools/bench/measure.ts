import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { quantilesOf } from "./quantiles";

/** What one kind of work did while it was measured. Milliseconds. */
export interface Figure {
  perSecond: number;
  p50: number;
  p99: number;
  /** The processors' time that each took, of whom was watched; what else runs on the machine changes it little. */
  cpu: Readonly<Record<string, number>>;
}

/** The processors' time that somebody has used so far, in milliseconds. */
export type Watched = Readonly<Record<string, () => number>>;

const TICK_MS = 10;

/** The processors' time of a process and of those that it started and waited for, in milliseconds; NaN where it can't be read. */
export function readCpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0);
  } catch {
    return Number.NaN;
  }
}

/** The same of a process and all its children, such as a database server's. */
export function readFamilyCpuMs(pid: number): number {
  let children: string[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  } catch {}
  const sums = children.map((child) => readCpuMs(Number(child))).filter((ms) => !Number.isNaN(ms));
  return sums.reduce((sum, ms) => sum + ms, readCpuMs(pid));
}

/** How long everybody works before anything is measured: until its code is compiled and its statements are prepared. */
export const WARM_UP_SECONDS = 2;

/** What a series has measured so far: how many were done in how many seconds, and what each took. */
export interface Rounds {
  done: number;
  seconds: number;
  took: readonly number[];
}

/** One after the other, and 16 at once. */
export const crowds = [1, 16] as const;

/** All rounds of one measurement, as they come. */
export class Series {
  readonly #took: number[] = [];
  #seconds = 0;
  #done = 0;
  readonly #watched: Watched;
  readonly #cpu: Record<string, number> = {};

  /** @param watched whose use of the processors is noted while `watch` runs. */
  constructor(watched: Watched = {}) {
    this.#watched = watched;
  }

  /** Notes what those who are watched use while `work` runs. */
  async watch<T>(work: () => Promise<T>): Promise<T> {
    const before = Object.entries(this.#watched).map(([name, read]) => [name, read()] as const);
    const done = await work();
    for (const [name, ms] of before)
      this.#cpu[name] = (this.#cpu[name] ?? 0) + (this.#watched[name]?.() ?? Number.NaN) - ms;
    return done;
  }

  /** Adds a round that was measured elsewhere. */
  add({ done, seconds, took }: Rounds): void {
    this.#done += done;
    this.#seconds += seconds;
    for (const ms of took) this.#took.push(ms);
  }

  /** Has `atOnce` workers work for so many seconds: each does one thing after the other. */
  async run(atOnce: number, seconds: number, makeWorker: () => Promise<() => Promise<void>>): Promise<void> {
    const workers = await Promise.all(Array.from({ length: atOnce }, makeWorker));
    const took: number[] = [];
    const begun = performance.now();
    const end = begun + seconds * 1_000;
    const all = () =>
      Promise.all(
        workers.map(async (work) => {
          for (let from = performance.now(); from < end; ) {
            await work();
            const to = performance.now();
            took.push(to - from);
            from = to;
          }
        }),
      );
    await this.watch(all);
    this.add({ done: took.length, seconds: (performance.now() - begun) / 1_000, took });
  }

  /** All that was measured, to be added to a series elsewhere. */
  get rounds(): Rounds {
    return { done: this.#done, seconds: this.#seconds, took: this.#took };
  }

  get figure(): Figure {
    const at = quantilesOf(this.#took);
    const cpu = Object.fromEntries(Object.entries(this.#cpu).map(([name, ms]) => [name, ms / this.#done]));
    return { perSecond: this.#done / this.#seconds, p50: at(0.5), p99: at(0.99), cpu };
  }
}

/** The memory of a process that is resident now, in megabytes. */
export function readMemoryMb(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)]).toString()) / 1_024;
}
