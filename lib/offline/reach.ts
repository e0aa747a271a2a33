/** How a machine stands to a code that may be on it. */
export interface MachineReach {
  readonly machineId: string;
  readonly name: string;
  /**
   * `may_work`: as far as we know the code still opens it, until `until`. `reached`: it said at `at` that it holds the code as
   * open no more, or closed it itself when it was used there. `over`: it never said so, and its time has passed.
   */
  readonly state: "may_work" | "reached" | "over";
  /** When it was reached. */
  readonly at: Date | null;
  /** The earlier of the code's offline hour and the end of the last package that had it open. */
  readonly until: Date;
  /** When it was used there, by the machine's clock. */
  readonly usedAt: Date | null;
  /** Of a machine that will not sync any more. */
  readonly machineEndedAs: "released" | "revoked" | null;
}

/** What is known of a machine whose packages had a code's slot open. */
export interface KnownHold {
  readonly machineId: string;
  readonly name: string;
  readonly machineEndedAs: "released" | "revoked" | null;
  readonly packageUntil: Date;
  readonly goneAt: Date | null;
  readonly usedAt: Date | null;
}

/**
 * Decides how a machine stands to a code, at `now` by the database's clock. A package that was made but of which the machine
 * said nothing counts as there: nobody knows that it did not arrive.
 * @see offline, "Receipts and what a revocation reaches"
 */
export function decideReach(hold: KnownHold, offlineExpiresAt: Date, now: Date): MachineReach {
  const { machineId, name, machineEndedAs, packageUntil, goneAt, usedAt } = hold;
  const until = new Date(Math.min(offlineExpiresAt.getTime(), packageUntil.getTime()));
  const state = goneAt !== null ? "reached" : until.getTime() <= now.getTime() ? "over" : "may_work";
  return { machineId, name, state, at: goneAt, until, usedAt, machineEndedAs };
}
