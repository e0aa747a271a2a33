/** Where people come from by long work. */
export type ImportKindName = "csv" | "ldap";

/** How an import stands. It runs while it is `previewing`, `running` or `stopping`; one at a time does. */
export type ImportState =
  | "receiving"
  | "queued"
  | "previewing"
  | "waiting"
  | "running"
  | "stopping"
  | "stopped"
  | "done"
  | "failed"
  | "discarded";

/** Why an import failed. `fault`: we broke, and the log has it. `crashed`: process after process died over it. */
export type ImportFailure =
  | "unreadable"
  | "nameless"
  | "source_away"
  | "too_many_disabled"
  | "fault"
  | "crashed";

/** What an import comes to, or did, in people. */
export interface ImportCounts {
  /** Lines or entries that were read: those taken and those refused. */
  people: number;
  added: number;
  /** Who differs, but for those who are disabled or enabled by it. */
  changed: number;
  unchanged: number;
  refused: number;
  /** Refused ones that name nobody. */
  nameless: number;
  /** Who may not sign in any more: by what is said of them, or because nothing is. */
  disabled: number;
  /** Those of `disabled` of whom nothing is said. */
  absent: number;
  /** Who may sign in again. */
  enabled: number;
  grantsEnded: number;
  /** Numbers that staff set and the source has otherwise: they stay. */
  phonesKept: number;
  /** People whose manager is neither here nor in the source. */
  managersUnknown: number;
}

/** What nothing comes to. */
export const noCounts: Readonly<ImportCounts> = {
  people: 0,
  added: 0,
  changed: 0,
  unchanged: 0,
  refused: 0,
  nameless: 0,
  disabled: 0,
  absent: 0,
  enabled: 0,
  grantsEnded: 0,
  phonesKept: 0,
  managersUnknown: 0,
};

/** Both together. */
export function addCounts(a: Partial<ImportCounts>, b: Partial<ImportCounts>): ImportCounts {
  const sum = { ...noCounts };
  for (const name of Object.keys(noCounts) as (keyof ImportCounts)[])
    sum[name] = (a[name] ?? 0) + (b[name] ?? 0);
  return sum;
}

/** One change, for somebody to look at before it is made. */
export interface SampledChange {
  login: string;
  is: "added" | "changed" | "disabled" | "enabled" | "absent";
  /** What becomes of each field that differs; numbers are masked. */
  fields: { name: string; from: string; to: string }[];
}

/** So many changes are kept to be looked at. */
export const sampleMax = 20;

/** How many people are disabled unasked, of so many who may sign in: up to a tenth of them. */
export const toDisabledMax = (enabledBefore: number): number => enabledBefore * 0.1;

/** Whether so many people would be disabled that somebody has to say that it is meant. */
export function isBeyondTenth(counts: Pick<ImportCounts, "disabled">, enabledBefore: number): boolean {
  return counts.disabled > toDisabledMax(enabledBefore);
}

/** Whether an import that stands so can go on from where it stopped. */
export function canResume(job: {
  state: ImportState;
  failure: ImportFailure | null;
  strippedAt: unknown;
}): boolean {
  if (job.strippedAt !== null) return false;
  return (
    job.state === "stopped" ||
    (job.state === "failed" && ["source_away", "fault", "crashed"].includes(job.failure ?? ""))
  );
}

/** Whether an import that stands so can be told to stop. */
export const canStop = (state: ImportState): boolean => ["queued", "previewing", "running"].includes(state);

/** Whether an import that stands so can be thrown away, with nothing done, or nothing more. */
export const canDiscard = (state: ImportState): boolean =>
  ["receiving", "waiting", "stopped"].includes(state);

/** The largest file that is taken. */
export const fileBytesMax = 512 * 1024 * 1024;

/** The largest piece of a file that is taken at once: no larger than any other body of a page. */
export const chunkBytesMax = 256 * 1024;
