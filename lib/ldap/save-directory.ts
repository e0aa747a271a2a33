import "server-only";
import { recordEvent, recordRefusal } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import type { DirectorySettingsInput } from "./input";
import { findPassword } from "./settings";
import { deleteDirectory, lockDirectory, putDirectory } from "./store";

/** What became of a wish to keep settings. */
export type SaveDirectoryResult = Success | Refusal<"step_up_needed" | "password_needed">;

/**
 * Keeps how the directory is reached and what is read there. The next sync reads everything anew.
 *
 * The password is sealed for this address, this name and this certificate authority: whoever changes one of them needs it, so that nobody
 * has it sent elsewhere, or read on its way.
 *
 * Refuses `step_up_needed` (staff who showed their second factor over 15 minutes ago); `password_needed`.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.ldap-changed`, with the host and never the password; limits, "staff sign-in" (ASVS 7.5.3)
 */
export async function saveDirectory(
  ctx: Context,
  input: DirectorySettingsInput,
): Promise<SaveDirectoryResult> {
  await requirePermission(ctx, "directory:manage");
  const kind = "directory.ldap-changed";
  return inTransaction(async (tx): Promise<SaveDirectoryResult> => {
    const kept = await lockDirectory(tx);
    const password = findPassword(input, kept);
    const isStale = needsStepUp(ctx.actor);
    if (isStale || password === undefined)
      return recordRefusal(tx, ctx, { kind }, refuse(isStale ? "step_up_needed" : "password_needed"));
    await putDirectory(
      tx,
      { ...input, password },
      ctx.actor.kind === "staff" ? ctx.actor.staffId : ctx.actor.kind,
    );
    await recordEvent(tx, ctx, {
      kind,
      outcome: "ok",
      details: {
        url: input.url,
        flavour: input.flavour,
        isNew: kept === undefined,
        isNewPassword: input.password !== null,
      },
    });
    return { ok: true };
  });
}

/** What became of a wish to forget the directory. */
export type ForgetDirectoryResult = Success | Refusal<"step_up_needed" | "not_found">;

/**
 * Forgets the directory and its password. The people who came from it stay as they are, until another source is theirs.
 *
 * Refuses `step_up_needed`; `not_found`.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.ldap-forgotten`
 */
export async function forgetDirectory(ctx: Context): Promise<ForgetDirectoryResult> {
  await requirePermission(ctx, "directory:manage");
  const kind = "directory.ldap-forgotten";
  return inTransaction(async (tx): Promise<ForgetDirectoryResult> => {
    const isStale = needsStepUp(ctx.actor);
    if (isStale || (await lockDirectory(tx)) === undefined)
      return recordRefusal(tx, ctx, { kind }, refuse(isStale ? "step_up_needed" : "not_found"));
    await deleteDirectory(tx);
    await recordEvent(tx, ctx, { kind, outcome: "ok" });
    return { ok: true };
  });
}
