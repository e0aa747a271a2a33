import "server-only";
import { processWide } from "./process-wide";

const shutdown = processWide("shutdown", () => ({ isUnderWay: false }));

/** Says that this process takes no new work: `/healthz` answers 503 from now on. */
export function beginShutdown(): void {
  shutdown.isUnderWay = true;
}

/** Whether this process is on its way out. */
export function isShuttingDown(): boolean {
  return shutdown.isUnderWay;
}
