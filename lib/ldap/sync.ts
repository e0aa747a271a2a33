import "server-only";
import { type Batch, type ImportKind, ImportRefused, type JobInHand } from "@/lib/imports/kind";
import { inStatement } from "@/lib/platform/transaction";
import { OpenDirectory } from "./ldap-adapter";
import { DirectoryTrouble } from "./model";
import { DirectoryReader } from "./reader";
import { toKeptDirectory } from "./settings";
import { findDirectory } from "./store";
import { SyncPass } from "./sync-pass";

/** People from the directory. Both phases read it, and nothing personal is kept between them. */
export const ldapImports: ImportKind = {
  preview: (job) => sync(job, false),
  write: (job) => sync(job, true),
};

async function* sync(job: JobInHand, isWriting: boolean): AsyncGenerator<Batch> {
  const row = await inStatement(findDirectory);
  if (row === undefined) throw new ImportRefused("source_away", { reason: "no_directory" });
  const { address, scope } = toKeptDirectory(row);
  const directory = new OpenDirectory(address);
  try {
    await directory.open();
    yield* new SyncPass(job, row, new DirectoryReader(directory, scope), isWriting).batches();
  } catch (error) {
    if (!(error instanceof DirectoryTrouble)) throw error;
    throw new ImportRefused("source_away", error.why, { cause: error });
  } finally {
    await directory.close();
  }
}
