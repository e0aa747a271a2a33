/** A code that opens once, or until it expires. */
export type SlotKind = "once" | "reusable";

/** An open slot of the user that a machine is known to hold. */
export interface HeldSlot {
  readonly slotId: string;
  readonly number: number;
  readonly kind: SlotKind;
}

/** A machine that has to do with a user, and what of theirs it holds. */
export interface MachineHolds {
  readonly machineId: string;
  readonly name: string;
  readonly lastContactAt: Date | null;
  /** When it stored the package that it holds; null: none that is known of. */
  readonly syncedAt: Date | null;
  /** Until when that package is good. */
  readonly packageUntil: Date | null;
  readonly slots: readonly HeldSlot[];
}

/** A machine on which a code works without a network. */
export interface WorksOn {
  readonly machineId: string;
  readonly name: string;
  /** When it last stored a package. */
  readonly syncedAt: Date;
  /** The earlier of the code's offline expiry and the end of the machine's package. */
  readonly until: Date;
  /** How many more codes of the kind could be issued for it before it must sync. */
  readonly leftAfter: number;
}

/**
 * Why a code doesn't work on a machine without a network: it never stored a package; its package is over; no slot of the user's
 * is left there for this code; or the code is short, good online only. But for the last, a sync mends it.
 */
export type NotThere = "no_package" | "package_over" | "no_slot" | "short_code";

/** A machine on which a code doesn't work without a network. */
export interface NotOn {
  readonly machineId: string;
  readonly name: string;
  readonly syncedAt: Date | null;
  readonly why: NotThere;
}

/** Where a code works without a network, by name, and where not. */
export interface OfflineReach {
  readonly worksOn: WorksOn[];
  readonly notOn: NotOn[];
}

/** A standard code, issued or about to be: its slot, and when it dies offline (null: not decided yet). */
export interface CodeOfSlot extends HeldSlot {
  readonly offlineExpiresAt: Date | null;
}

/**
 * Decides where a code works without a network now, machine by machine, in the order given.
 * @param code null: a code that no machine holds, as one that is made at issue; `short`: of the short form.
 * @see offline, "Package"
 */
export function decideOffline(
  machines: readonly MachineHolds[],
  code: CodeOfSlot | "short" | null,
  now: Date,
): OfflineReach {
  const reach: OfflineReach = { worksOn: [], notOn: [] };
  for (const machine of machines) {
    const { machineId, name, syncedAt } = machine;
    const works = decideMachine(machine, code, now);
    if (typeof works === "string") reach.notOn.push({ machineId, name, syncedAt, why: works });
    else reach.worksOn.push({ machineId, name, ...works });
  }
  return reach;
}

function decideMachine(
  { syncedAt, packageUntil, slots }: MachineHolds,
  code: CodeOfSlot | "short" | null,
  now: Date,
): Pick<WorksOn, "syncedAt" | "until" | "leftAfter"> | NotThere {
  if (code === "short") return "short_code";
  if (syncedAt === null || packageUntil === null) return "no_package";
  if (packageUntil.getTime() <= now.getTime()) return "package_over";
  if (code === null || !slots.some(({ slotId }) => slotId === code.slotId)) return "no_slot";
  const end = Math.min(packageUntil.getTime(), code.offlineExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const leftAfter = slots.filter(({ kind, number }) => kind === code.kind && number > code.number).length;
  return { syncedAt, until: new Date(end), leftAfter };
}
