import "server-only";
import { recordEvent } from "@/lib/audit/record";
import { defaultDisplayName } from "@/lib/directory/model";
import { maskPhone } from "@/lib/directory/phone";
import type { Why } from "@/lib/directory/why";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inStatement, inTransaction } from "@/lib/platform/transaction";
import { needsStepUp } from "@/lib/staff/model";
import { requirePermission } from "@/lib/staff/require-permission";
import type { BadEntry, DirectoryPerson } from "./entry";
import { type DirectorySettingsInput, directorySettingsInput } from "./input";
import { withDirectory } from "./ldap-adapter";
import { DirectoryTrouble, type Trouble } from "./model";
import { DirectoryReader } from "./reader";
import { findPassword, toDirectory } from "./settings";
import { findDirectory } from "./store";

/** Nobody waits for more to be counted. */
const countMax = 10_000;
const sampleSize = 3;

/** Somebody as they would look here. Numbers are masked. */
export interface SamplePerson {
  directoryId: string;
  login: string;
  displayName: string;
  email: string | null;
  groups: string[];
  sms: string | null;
  voice: string | null;
  isDisabled: boolean;
}

/** What a test of settings found. */
export type TestDirectoryResult =
  | Success<{
      /** How many people the filter finds; `isMore`: at least. */
      people: number;
      isMore: boolean;
      groups: number;
      sample: SamplePerson[];
      /** Why some of the first page would not be taken. */
      refused: { login: string | null; why: Why }[];
    }>
  | Refusal<"step_up_needed" | "password_needed">
  | Refusal<Trouble, { detail: string }>;

/**
 * Tries settings: connects, signs in, counts who the filter finds, and reads three of them, and changes nothing.
 *
 * Refuses `step_up_needed`, for it sends a password to a host that is named; `password_needed`; what is wrong with the directory
 * (`troubles`), with its own word as `detail`.
 * @throws {Denied} without `directory:manage`.
 * @see audit `directory.ldap-tested`
 */
export async function testDirectory(
  ctx: Context,
  input: DirectorySettingsInput,
): Promise<TestDirectoryResult> {
  await requirePermission(ctx, "directory:manage");
  const result = await tryDirectory(ctx, input);
  await inTransaction((tx) =>
    recordEvent(tx, ctx, {
      kind: "directory.ldap-tested",
      ...(result.ok ? { outcome: "ok" } : { outcome: "refused", reason: result.reason }),
      details: { url: input.url },
    }),
  );
  return result;
}

/**
 * Tries the settings that are kept, as `testDirectory` does. Refuses `not_found` besides.
 * @throws {Denied} without `directory:manage`.
 */
export async function testKeptDirectory(ctx: Context): Promise<TestDirectoryResult | Refusal<"not_found">> {
  await requirePermission(ctx, "directory:manage");
  const row = await inStatement(findDirectory);
  if (row === undefined) return refuse("not_found");
  return testDirectory(ctx, directorySettingsInput.parse({ ...row, password: null }));
}

async function tryDirectory(ctx: Context, input: DirectorySettingsInput): Promise<TestDirectoryResult> {
  if (needsStepUp(ctx.actor)) return refuse("step_up_needed");
  const password = findPassword(input, await inStatement(findDirectory));
  if (password === undefined) return refuse("password_needed");
  const { address, scope } = toDirectory({ ...input, password });
  try {
    return await withDirectory(address, async (directory) => {
      const reader = new DirectoryReader(directory, scope);
      const groups = await reader.readGroups();
      const count = await reader.count(countMax);
      const { value: first } = await reader.readPeople(groups, null).next();
      const people: (DirectoryPerson | BadEntry)[] = first ?? [];
      return {
        ok: true as const,
        ...count,
        groups: groups.count,
        sample: people.flatMap((person) => ("why" in person ? [] : [toSample(person)])).slice(0, sampleSize),
        refused: people
          .flatMap((person) => ("why" in person ? [{ login: person.login, why: person.why }] : []))
          .slice(0, sampleSize),
      };
    });
  } catch (error) {
    if (error instanceof DirectoryTrouble) return refuse(error.reason, { detail: error.detail });
    throw error;
  }
}

function toSample({ directoryId, login, fields }: DirectoryPerson): SamplePerson {
  const { displayName, firstName, lastName, sms, voice } = fields;
  return {
    directoryId,
    login,
    displayName: displayName || defaultDisplayName(login, firstName, lastName),
    email: fields.email ?? null,
    groups: (fields.groups ?? []).slice(0, 10),
    sms: sms == null ? null : maskPhone(sms),
    voice: voice == null ? null : maskPhone(voice),
    isDisabled: fields.isDisabled ?? false,
  };
}
