import type { Product } from "@/tools/proof/product";
import type { FirstLoad } from "./first-load";
import type { FloodFigure } from "./flood";
import type { LookupFigure } from "./lookup";
import type { MachineFigures } from "./machine";
import type { Figure, Watched } from "./measure";
import { quantilesOf } from "./quantiles";

/** What every measurement works with. */
export interface Bench {
  product: Product;
  /** Of the Authentication API. */
  clientKey: string;
  clientId: string;
  /** How often what is compared takes turns. */
  rounds: number;
  /** How long each of them works in a round. */
  seconds: number;
  /** Whose use of the processors is noted. */
  watched: Watched;
  /** How much memory the server holds now. */
  readMemoryMb(): number;
}

/** A figure of ours beside others of the same run, and what it should be of each. */
export interface Comparison {
  what: string;
  /** null: as many as the product takes on by itself. */
  atOnce: number | null;
  ours: Figure;
  /** The server's, at most. */
  memoryMb: number;
  against: Against[];
}

/** What a figure is held against. */
export interface Against {
  whom: string;
  figure: Figure;
  /** How much of its rate is aimed at, if anything. */
  aim?: number;
  /** How much of its rate a server could reach that did nothing else, by what was measured beside it. */
  atMost?: number;
}

const number = (value: number) =>
  Number.isNaN(value)
    ? "–"
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

function row(name: string, cells: readonly string[], besides = ""): string {
  return `${name.padEnd(40)}${cells.map((cell) => cell.padStart(9)).join("")}  ${besides}`.trimEnd();
}

function figureCells(atOnce: number | null, { perSecond, p50, p99, cpu }: Figure): string[] {
  const { server = Number.NaN, database = Number.NaN } = cpu;
  return [atOnce === null ? "" : String(atOnce), ...[perSecond, p50, p99, server, database].map(number)];
}

/** Says whether an aim is reached, and remembers those that aren't, or weren't measured. */
class Aims {
  missed = 0;
  beyond = 0;
  readonly unmeasured: string[] = [];

  /** @param limit why nobody could reach it here. */
  judge(isReached: boolean, words: string, limit?: string): string {
    if (isReached) return words;
    this.missed += 1;
    if (limit !== undefined) this.beyond += 1;
    return `${words}  MISSED${limit === undefined ? "" : `, ${limit}`}`;
  }
}

/** Says in a line how the run went. */
export function sayAims(): string {
  if (aims.missed > 0)
    return `${aims.missed} aims are missed; of these ${aims.beyond} can't be reached here by any server.`;
  if (aims.unmeasured.length === 0) return "Every aim is reached.";
  return `Every aim that was measured is reached. Not measured: ${aims.unmeasured.join("; ")}.`;
}

/** All aims of this run. */
export const aims = new Aims();

/** Prints the comparisons as one table. */
export function printComparisons(comparisons: readonly Comparison[]): void {
  console.log(
    `\n${row("", ["at once", "per s", "p50 ms", "p99 ms", "CPU ms", "its db", "RSS MB"], "of it (aim)")}`,
  );
  for (const { what, atOnce, ours, memoryMb, against } of comparisons) {
    console.log(row(what, [...figureCells(atOnce, ours), memoryMb.toFixed(0)]));
    for (const { whom, figure, aim = 0, atMost = Number.POSITIVE_INFINITY } of against) {
      const share = ours.perSecond / figure.perSecond;
      const show = (value: number) => (aim > 1 ? `${value.toFixed(1)} ×` : `${(value * 100).toFixed(0)} %`);
      const limit = atMost < aim ? `at most ${show(atMost)} by a server that does nothing else` : undefined;
      const words = aim === 0 ? show(share) : `${show(share)} (${show(aim)})`;
      console.log(
        row(
          `  against ${whom}`,
          [...figureCells(atOnce, figure), ""],
          aims.judge(share >= aim, words, limit),
        ),
      );
    }
  }
}

/** Prints how long it is from the click until the code stands on the screen. */
export function printScreen(took: readonly number[]): void {
  const at = quantilesOf(took);
  console.log(
    `\nFrom click to code on the screen, ms: p50 ${at(0.5).toFixed(0)}, at most ${at(1).toFixed(0)} (${took.length} times)`,
  );
}

const lookupMsMax = 50;
const lookupRatioMax = 2;

/** Prints the p99 of each kind of look-up at each size, beside that at the smallest. */
export function printLookups(figures: readonly LookupFigure[]): void {
  const sizes = [...new Set(figures.map(({ users }) => users))].sort((a, b) => a - b);
  const [smallest] = sizes;
  for (const atOnce of new Set(figures.map((figure) => figure.atOnce))) {
    const here = figures.filter((figure) => figure.atOnce === atOnce);
    console.log(
      `\n${row(
        `Look-up over HTTP, p99 ms, ${atOnce} at once`,
        sizes.map((users) => `${users / 1_000} k`),
        `of the middle round; of the smallest (${lookupRatioMax} ×, ${lookupMsMax} ms)`,
      )}`,
    );
    for (const kind of new Set(here.map((figure) => figure.kind))) {
      const p99 = (users: number | undefined) =>
        here.find((figure) => figure.kind === kind && figure.users === users)?.p99 ?? Number.NaN;
      const [least, most] = [p99(smallest), Math.max(...sizes.map(p99))];
      const isReached = most < lookupMsMax && most <= least * lookupRatioMax;
      console.log(
        row(
          `  ${kind}`,
          sizes.map((users) => number(p99(users))),
          aims.judge(isReached, `${(most / least).toFixed(1)} ×`),
        ),
      );
    }
  }
}

const floodRatioMax = 2;

/** Prints the look-up's p99 beside forged tokens, and beside as many calls of `/healthz`. */
export function printFloods(figures: readonly FloodFigure[]): void {
  console.log(
    `\n${row("Look-up beside forged tokens, ms", ["refused/s", "half", "p50", "p99", "healthz", "its p99"], `of healthz's p99 (${floodRatioMax} ×)`)}`,
  );
  for (const { what, saturatingPerSecond, offeredPerSecond, beside } of figures) {
    const { forged, healthz } = beside;
    const ratio = forged.p99 / healthz.p99;
    const cells = [saturatingPerSecond, offeredPerSecond, forged.p50, forged.p99, healthz.p50, healthz.p99];
    console.log(
      row(`  ${what}`, cells.map(number), aims.judge(ratio <= floodRatioMax, `${ratio.toFixed(1)} ×`)),
    );
  }
}

const firstLoadAims: Readonly<Record<string, number>> = { "/otp": 1.1, "/users": 1.6 };

/** Prints the script that pages load first, beside that of a bare page. */
export function printFirstLoads(bare: FirstLoad, pages: readonly FirstLoad[]): void {
  console.log(`\n${row("First-load script, gzip", ["files", "kB"], "of bare (aim)")}`);
  const cells = ({ files, gzipBytes }: FirstLoad) => [String(files), (gzipBytes / 1_000).toFixed(1)];
  console.log(row("  a bare page of the same Next", cells(bare)));
  for (const page of pages) {
    const aim = firstLoadAims[page.page] ?? Number.NaN;
    const share = page.gzipBytes / bare.gzipBytes;
    console.log(
      row(`  ${page.page}`, cells(page), aims.judge(share <= aim, `${share.toFixed(2)} × (${aim} ×)`)),
    );
  }
}

/** Prints what an answer without a network costs, beside one bare Argon2id of the same run. */
export function printMachine(figures: MachineFigures): void {
  const { verify, bareNode, argonNative, argonWebAssembly, bundleBytes, bundleGzipBytes } = figures;
  const rows: [string, number][] = [
    ["  verify of a right code, whole process", verify],
    ["  one bare Argon2id, native", argonNative],
    ["  one bare Argon2id, as WebAssembly", argonWebAssembly],
    ["  a bare start of Node", bareNode],
  ];
  console.log(`\n${row("An answer without a network", ["p50 ms"], "verify is of it")}`);
  for (const [name, ms] of rows)
    console.log(row(name, [number(ms)], ms === verify ? "" : `${(verify / ms).toFixed(1)} ×`));
  console.log(
    row(
      "  the agent's one file, kB",
      [number(bundleBytes / 1_000)],
      `${number(bundleGzipBytes / 1_000)} gzip`,
    ),
  );
}
