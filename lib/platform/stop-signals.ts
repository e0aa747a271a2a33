import "server-only";
import type { EventEmitter } from "node:events";

/** A second signal within so many milliseconds is the first, come by another way. */
const sameSignalMs = 1_000;

/**
 * Calls `stop` at the first SIGTERM or SIGINT, and `stopNow` at another one that somebody sent because they won't wait. One and the
 * same keypress, or order of a service manager, reaches a program twice where npm stands before it: from the sender, and from npm.
 */
export function onStopSignals(
  stop: (signal: NodeJS.Signals) => void,
  stopNow: () => void,
  from: EventEmitter = process,
  now: () => number = () => performance.now(),
): void {
  let first: number | undefined;
  const hear = (signal: NodeJS.Signals) => {
    if (first === undefined) {
      first = now();
      stop(signal);
    } else if (now() - first > sameSignalMs) stopNow();
  };
  from.on("SIGTERM", hear);
  from.on("SIGINT", hear);
}
