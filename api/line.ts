import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";

/** Lets so many do their work at once, has so many wait for their turn, in the order in which they came, and sends the others away. */
export class Line {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly atOnceMax: number,
    readonly waitingMax: number,
  ) {}

  /** Does `work` when its turn comes, or refuses `busy` at once. @throws what `work` throws. */
  async run<T>(work: () => Promise<T>): Promise<Success<{ value: T }> | Refusal<"busy">> {
    if (this.#running >= this.atOnceMax) {
      if (this.#waiting.length >= this.waitingMax) return refuse("busy");
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#running += 1;
    try {
      return { ok: true, value: await work() };
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
