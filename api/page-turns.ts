import "server-only";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import pLimit, { type LimitFunction } from "p-limit";
import { toNetwork } from "@/lib/platform/network";

/** What a browser keeps after it asked once: cheap, and never waited for. */
const FILES = /^\/(_next\/static\/|favicon\.ico$|icon\.svg$)/;

/**
 * Lets each network load so many pages at once, its others wait in line, and sends who would wait too long away: whoever asks
 * for pages by the hundred waits for themselves, and everybody else's come in between.
 */
export class PageTurns {
  readonly #lines = new Map<string, LimitFunction>();

  /** @param atOnceMax, waitingMax pages of one network that are made, and that wait. */
  constructor(
    readonly atOnceMax: number,
    readonly waitingMax: number,
  ) {}

  /**
   * Has `show` answer `response` when it is the turn of `sourceIp`'s network, or `sendAway` at once where too many of it wait.
   * Whoever hung up meanwhile is passed over; a turn ends with the answer.
   */
  take(
    sourceIp: string,
    url: string,
    response: ServerResponse,
    { show, sendAway }: { show: () => void; sendAway: () => void },
  ): void {
    if (FILES.test(url)) {
      show();
      return;
    }
    const network = toNetwork(sourceIp);
    const line = this.#lines.get(network) ?? pLimit(this.atOnceMax);
    if (line.pendingCount >= this.waitingMax) {
      sendAway();
      return;
    }
    this.#lines.set(network, line);
    void line(async () => {
      if (response.closed) return;
      const closed = once(response, "close");
      show();
      await closed;
    }).finally(() => {
      if (line.activeCount === 0 && line.pendingCount === 0 && this.#lines.get(network) === line)
        this.#lines.delete(network);
    });
  }
}
