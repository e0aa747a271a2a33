import { listPending, type Machine, readMachine, readPackage, readSync, StateError } from "./state";

/** What an administrator is told of this machine; null where there is none of it. */
export interface Status {
  readonly machine: string | null;
  readonly generation: number | null;
  readonly serial: number | null;
  /** ISO 8601, as the server said. */
  readonly packageIssuedAt: string | null;
  readonly notAfter: string | null;
  /** The first login name of each user in the package. */
  readonly users: readonly string[];
  readonly receiptsPending: number;
  readonly lastSyncAt: string | null;
  /** What went wrong at the last try, here or at the server. */
  readonly lastSyncError: string | null;
}

/**
 * Reads how this machine stands. Touches no network, and shows nothing that opens anything.
 *
 * @throws StateError `unsafe_state`, `damaged`.
 * @see offline, "The agent"
 */
export function readStatus(folder: string): Status {
  const record = readSync(folder);
  const machine = findMachine(folder);
  const pack = machine === null ? undefined : readPackage(folder, machine)?.pack;
  return {
    machine: machine?.machine ?? null,
    generation: pack?.generation ?? null,
    serial: pack?.serial ?? null,
    packageIssuedAt: pack?.issuedAt ?? null,
    notAfter: pack?.notAfter ?? null,
    users: pack?.users.flatMap(({ names }) => names.slice(0, 1)) ?? [],
    receiptsPending: machine === null ? 0 : listPending(folder, record.acknowledged).length,
    lastSyncAt: record.lastSyncAt,
    lastSyncError: record.lastSyncError,
  };
}

function findMachine(folder: string): Machine | null {
  try {
    return readMachine(folder);
  } catch (error) {
    if (error instanceof StateError && error.reason === "not_enrolled") return null;
    throw error;
  }
}
