import "server-only";
import type { DirectorySettingsInput } from "./input";
import { type DirectoryAddress, type DirectoryScope, defaultsOf } from "./model";
import { type DirectoryRow, openPassword } from "./store";

/** What settings say of how to reach a directory and what to read there, with the flavour's own attributes where they say nothing. */
export function toDirectory(
  settings: Omit<DirectorySettingsInput, "password" | "country"> & {
    password: string;
    country: string | null;
  },
): {
  address: DirectoryAddress;
  scope: DirectoryScope;
} {
  const { attributes, ...rest } = settings;
  return {
    address: rest,
    scope: { ...rest, mapping: { ...defaultsOf[settings.flavour].mapping, ...attributes } },
  };
}

/** The same of what is kept. */
export function toKeptDirectory(row: DirectoryRow): { address: DirectoryAddress; scope: DirectoryScope } {
  return toDirectory({ ...row, password: openPassword(row) });
}

/** The password that settings come with, or the one that is kept for this address, name and authority; undefined: neither. */
export function findPassword(
  input: DirectorySettingsInput,
  kept: DirectoryRow | undefined,
): string | undefined {
  if (input.password !== null) return input.password;
  const isFor = (["url", "bindDn", "caCertificate"] as const).every((each) => kept?.[each] === input[each]);
  return kept !== undefined && isFor ? openPassword(kept) : undefined;
}
