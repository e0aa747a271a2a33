import "server-only";
import { type FileHandle, open } from "node:fs/promises";
import type { CountryCode } from "libphonenumber-js/max";
import { recordEvent } from "@/lib/audit/record";
import { countEnabled } from "@/lib/directory/known-store";
import { UnreadableFile } from "@/lib/directory/people-file";
import type { Context } from "@/lib/platform/context";
import { Fault, type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { requirePermission } from "@/lib/staff/require-permission";
import { type ImportCounts, Pass } from "./import-pass";
import { openRefusedFile } from "./refused-file";

/** More than this part of all people is not disabled unasked. */
const disabledShareMax = 0.1;

/** What an operator asks for. */
export interface ImportPeopleInput {
  /** Path of a file of comma-separated values, UTF-8. */
  file: string;
  /** Whose national way of writing phone numbers is meant where there is no `+`. */
  country?: CountryCode | undefined;
  /** People who aren't in the file have left: they are disabled. */
  isReplacing: boolean;
  /** Only look at what it would come to. */
  isPreview: boolean;
  /** Go on though more than a tenth of all people are disabled by it. */
  isConfirmed: boolean;
}

/** What became of a file of people. */
export type ImportPeopleResult =
  | Success<{ counts: ImportCounts }>
  | Refusal<"unreadable", { why: string }>
  | Refusal<"nameless", { counts: ImportCounts }>
  | Refusal<"too_many_disabled", { counts: ImportCounts; enabled: number }>;

/**
 * Brings people in from a file, or shows what that would come to. A person is their login, whatever its case.
 *
 * It reads the file twice: to find out what it comes to, and, where that may be, to do it in batches, each with its own commit.
 * The same file again changes nothing, so one that was stopped at any point is run again. Of the file a few lines and the logins
 * are in memory. Lines that aren't taken go to `<file>.refused.csv` with the reason in a last column; who stands in one of
 * them stays as they are. Whoever is disabled loses every live grant in the same transaction. A number that staff set stays; one
 * that the file changes isn't held, as the directory is where numbers come from.
 *
 * @returns what it came to, or would. Refusals, with nothing changed: `unreadable` (with why); `nameless` (people who aren't in the
 *   file are to be disabled, but lines of it name nobody); `too_many_disabled` (more than a tenth, unless `isConfirmed`).
 * @throws {Denied} without `server:manage`; the system's error where the file can't be opened.
 * @see audit `directory.import-begun`, `directory.imported`, `user.disabled`, `user.enabled`, `grant.revoked`
 */
export async function importPeople(ctx: Context, input: ImportPeopleInput): Promise<ImportPeopleResult> {
  await requirePermission(ctx, "server:manage");
  const handle = await open(input.file, "r");
  try {
    if (!(await handle.stat()).isFile()) return refuse("unreadable", { why: "it is not a file" });
    return await importFrom(ctx, handle, input);
  } catch (error) {
    if (error instanceof UnreadableFile) return refuse("unreadable", { why: error.message });
    throw error;
  } finally {
    await handle.close();
  }
}

async function importFrom(
  ctx: Context,
  handle: FileHandle,
  input: ImportPeopleInput,
): Promise<ImportPeopleResult> {
  const enabled = await inTransaction(countEnabled);
  const refused = openRefusedFile(`${input.file}.refused.csv`);
  const preview = new Pass(ctx, input, { writes: false, onRefused: refused.add });
  try {
    await preview.read(handle, refused.begin);
  } finally {
    await refused.close();
  }
  const counts = await preview.finish();
  if (input.isReplacing && counts.nameless > 0) return refuse("nameless", { counts });
  if (input.isPreview) return { ok: true, counts };
  const details = { replaces: input.isReplacing, people: counts.people, refused: counts.refused };
  if (counts.disabled > enabled * disabledShareMax && !input.isConfirmed) {
    await inTransaction((tx) =>
      recordEvent(tx, ctx, {
        kind: "directory.imported",
        outcome: "refused",
        reason: "too_many_disabled",
        details: { ...details, disabled: counts.disabled, enabled },
      }),
    );
    return refuse("too_many_disabled", { counts, enabled });
  }
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "directory.import-begun", outcome: "ok", details }),
  );
  const pass = new Pass(ctx, input, { writes: true, onRefused: async () => undefined });
  await pass.read(handle, async () => undefined);
  if (!pass.hasReadAs(preview)) throw new Fault("the file changed while it was read: run the import again");
  const done = await pass.finish();
  await inTransaction((tx) =>
    recordEvent(tx, ctx, { kind: "directory.imported", outcome: "ok", details: { ...details, ...done } }),
  );
  return { ok: true, counts: done };
}
