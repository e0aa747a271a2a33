import "server-only";
import { type DestinationStream, type Logger, pino } from "pino";
import { toLoggedError } from "./logged-error";
import { Fault } from "./outcome";
import { processWide } from "./process-wide";

const kept = processWide("log", (): { log?: Logger } => ({}));

/** The words of a line that has none but the error's own. */
const UNSAID = "fault";

type Line = [unknown, ...unknown[]];

/** Where a line has no words of its own, or those of the error, pino would print the error's message: say nothing of it. */
function withoutMessageOfError([first, text, ...rest]: Line): Line {
  const error = first instanceof Error ? first : (first as { err?: unknown } | null | undefined)?.err;
  if (!(error instanceof Error)) return [first, text, ...rest];
  const said = text === undefined || text === error.message ? undefined : text;
  const fallback = error instanceof Fault ? error.message : UNSAID;
  return [first instanceof Error ? { err: first } : first, said ?? fallback, ...rest];
}

/** Makes a log that writes to `destination` (standard output without one); `getLog` holds the process's own. */
export function makeLog(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: toLoggedError, error: toLoggedError },
      hooks: {
        logMethod(line, write) {
          write.apply(this, withoutMessageOfError(line as Line) as Parameters<typeof write>);
        },
      },
      redact: {
        paths: [
          "*.config",
          "*.password",
          "*.otp",
          "*.token",
          "*.secret",
          "req.headers.authorization",
          "req.headers.cookie",
          'req.headers["client-key"]',
        ],
        remove: true,
      },
    },
    destination,
  );
}

/**
 * The process's structured log (JSON lines on standard output). Never hand it a secret, a name or a phone number; of errors,
 * under `err`, it takes only what `toLoggedError` chooses.
 */
export function getLog(): Logger {
  kept.log ??= makeLog(process.env.LOG_LEVEL ?? (process.env.NODE_ENV === "test" ? "silent" : "info"));
  return kept.log;
}
