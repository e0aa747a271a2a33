import "server-only";
import type { ServerResponse } from "node:http";
import pLimit, { type LimitFunction } from "p-limit";
import { toNetwork } from "@/lib/platform/network";

/** What a browser keeps after it asked once: cheap, and never waited for. */
const FILES = /^\/_next\/static\//;

/** So often it is looked whether an answer is being sent: most are over before. */
const LOOKED_EVERY_MS = 1_000;

/** Resolves when an answer is over, or when it is found being sent. */
function untilSent(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const looked = setInterval(() => response.headersSent && end(), LOOKED_EVERY_MS);
    const end = () => {
      clearInterval(looked);
      resolve();
    };
    response.once("close", end);
  });
}

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
   * Whoever hung up meanwhile is passed over; a turn ends with the answer, or while a long one is being sent: a file that is taken
   * away for minutes keeps nobody of its network from their pages.
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
      const over = untilSent(response);
      show();
      await over;
    }).finally(() => {
      if (line.activeCount === 0 && line.pendingCount === 0 && this.#lines.get(network) === line)
        this.#lines.delete(network);
    });
  }
}
