import type { Product } from "@/tools/proof/product";
import type { Figure, Watched } from "./measure";

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
  /** Notes how much memory the server holds now. */
  remember(): void;
}

/** A figure of ours beside others of the same run, and what it should be of each. */
export interface Comparison {
  what: string;
  atOnce: number;
  ours: Figure;
  against: { whom: string; figure: Figure; aim: number }[];
}

const number = (value: number) =>
  Number.isNaN(value)
    ? "–"
    : value >= 100
      ? value.toFixed(0)
      : value >= 10
        ? value.toFixed(1)
        : value.toFixed(2);

function line(name: string, atOnce: number | string, figure: Figure, besides: string): string {
  return [
    name.padEnd(42),
    String(atOnce).padStart(3),
    number(figure.perSecond).padStart(9),
    number(figure.p50).padStart(8),
    number(figure.p99).padStart(8),
    Object.values(figure.cpu)
      .map((ms) => ms.toFixed(2))
      .join(" + ")
      .padStart(13),
    `  ${besides}`,
  ].join(" ");
}

/** Prints the comparisons as one table. @returns how many aims were missed. */
export function printComparisons(comparisons: readonly Comparison[]): number {
  let missed = 0;
  console.log(
    `\n${"".padEnd(42)} ${"at once".padStart(3)} ${"per s".padStart(5)} ${"p50 ms".padStart(8)} ${"p99 ms".padStart(8)} ${"CPU ms each".padStart(13)}   of it (aim)`,
  );
  for (const { what, atOnce, ours, against } of comparisons) {
    console.log(line(what, atOnce, ours, ""));
    for (const { whom, figure, aim } of against) {
      const share = ours.perSecond / figure.perSecond;
      const isReached = share >= aim;
      if (!isReached) missed += 1;
      const shown =
        aim > 1 ? `${share.toFixed(1)} × (${aim} ×)` : `${(share * 100).toFixed(0)} % (${aim * 100} %)`;
      console.log(line(`  against ${whom}`, atOnce, figure, `${shown}${isReached ? "" : "  MISSED"}`));
    }
  }
  return missed;
}
