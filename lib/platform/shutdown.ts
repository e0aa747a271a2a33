import "server-only";

const slot = globalThis as { __sparekeyShuttingDown?: boolean };

/** Says that this process takes no new work: `/healthz` answers 503 from now on. */
export function beginShutdown(): void {
  slot.__sparekeyShuttingDown = true;
}

/** Whether this process is on its way out. */
export function isShuttingDown(): boolean {
  return slot.__sparekeyShuttingDown === true;
}
