import "server-only";
import { type Logger, pino } from "pino";

const slot = globalThis as { __sparekeyLog?: Logger };

/** The process's structured log (JSON lines on standard output). Never hand it a secret, a name or a phone number. */
export function getLog(): Logger {
  slot.__sparekeyLog ??= pino({
    level: process.env.LOG_LEVEL ?? (process.env.NODE_ENV === "test" ? "silent" : "info"),
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        "*.config",
        "*.password",
        "*.code",
        "*.otp",
        "*.token",
        "*.secret",
        "req.headers.authorization",
        "req.headers.cookie",
        'req.headers["client-key"]',
        "err.config",
        "err.response",
        "err.query",
        "err.parameters",
        "err.args",
      ],
      remove: true,
    },
  });
  return slot.__sparekeyLog;
}
