import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";

/**
 * Lets so many do their work at once and sends the others away, each for another while, so that a crowd that comes at one moment
 * comes back spread.
 */
export class Shed {
  #running = 0;

  /**
   * @param atOnceMax how many work at once. @param seconds the shortest and the longest while.
   * @param random from 0 up to 1.
   */
  constructor(
    readonly atOnceMax: number,
    readonly seconds: { readonly least: number; readonly most: number },
    readonly random: () => number = Math.random,
  ) {}

  /** Does `work` now, or refuses `busy` with the seconds after which to come back. @throws what `work` throws. */
  async run<T>(
    work: () => Promise<T>,
  ): Promise<Success<{ value: T }> | Refusal<"busy", { retryAfterSeconds: number }>> {
    if (this.#running >= this.atOnceMax) {
      const { least, most } = this.seconds;
      return refuse("busy", { retryAfterSeconds: least + Math.floor(this.random() * (most - least + 1)) });
    }
    this.#running += 1;
    try {
      return { ok: true, value: await work() };
    } finally {
      this.#running -= 1;
    }
  }
}
