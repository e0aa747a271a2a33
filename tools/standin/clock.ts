import { setTimeout as sleep } from "node:timers/promises";

/** Pauses that all end when the stand-in does, and that tests can shorten. */
export class Clock {
  readonly #stop = new AbortController();
  readonly #pace: number;

  /** @param pace factor on every pause: 1 is as in life, 0.01 a hundred times as fast */
  constructor(pace: number) {
    this.#pace = pace;
  }

  /** Aborts when the stand-in stops. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Waits for a time of the played world; ends early, without an error, when the stand-in stops. */
  async wait(milliseconds: number): Promise<void> {
    await this.waitReal(milliseconds * this.#pace);
  }

  /** Waits for a time that `pace` doesn't change. */
  async waitReal(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.stopped }).catch(() => {});
  }

  /** Ends every pause, now and later. */
  stop(): void {
    this.#stop.abort();
  }
}
