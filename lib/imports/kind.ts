import "server-only";
import type { Why } from "@/lib/directory/why";
import type { Context } from "@/lib/platform/context";
import type { Tx } from "@/lib/platform/transaction";
import type { ImportCounts, ImportFailure, SampledChange } from "./model";

/** An import that this process runs, as it stood when its phase began. */
export interface JobInHand {
  id: string;
  settings: Record<string, unknown>;
  /** Where the phase goes on; null: at its beginning. */
  cursor: Record<string, unknown> | null;
  header: string[] | null;
  previewCounts: Partial<ImportCounts>;
}

/** What a batch did beside its rows, kept in the same commit: who goes on later goes on from there. */
export interface Moved {
  /** Where the next batch of the phase goes on. */
  cursor: Record<string, unknown>;
  /** What this batch alone came to. */
  counts?: Partial<ImportCounts>;
  /** How far the phase is, in units of the kind. */
  done?: number;
  total?: number | null;
  /** Further changes to be looked at. */
  sample?: SampledChange[];
  header?: string[];
  enabledBefore?: number;
}

/** Work of one transaction, a second or so of it: an import is stopped between two of them. */
export type Batch = (tx: Tx, ctx: Context) => Promise<Moved>;

/**
 * How people of one kind of source are brought in. Each phase gives its batches one after the other, from `job.cursor` on; each
 * is committed before the next is asked for. What waits for others (a network, a parser) is done between them, in less than 20 s.
 * @throws {ImportRefused} where nothing can come of it.
 */
export interface ImportKind {
  /** Finds out what the import comes to, and changes nobody. */
  preview(job: JobInHand): AsyncIterable<Batch>;
  /** Counts anew who is here, and of them those of whom the source says nothing and who are disabled therefore. */
  countAbsent?(job: JobInHand): Promise<{ enabled: number; absent: number }>;
  /** Does it. */
  write(job: JobInHand): AsyncIterable<Batch>;
}

/** The source can't be imported as it is, or now. */
export class ImportRefused extends Error {
  constructor(
    readonly reason: Exclude<ImportFailure, "fault">,
    readonly why: Why | null = null,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}
