import "server-only";
import { type CountryCode, isSupportedCountry } from "libphonenumber-js/max";
import { foldKey } from "@/lib/directory/fold";
import type { PersonFields } from "@/lib/directory/people-columns";
import { parsePhone } from "@/lib/directory/phone";
import type { Why } from "@/lib/directory/why";
import type { RawEntry } from "./ldap-adapter";
import { type DirectoryScope, type Flavour, foldDn, type Mapping, type Property } from "./model";

/** A person as their directory tells of them. */
export interface DirectoryPerson {
  /** What never changes of them: a GUID in its usual spelling. */
  directoryId: string;
  login: string;
  /** The login, folded. */
  key: string;
  fields: PersonFields;
  /** The name of the manager's entry, folded. */
  managerDn: string | null;
  /** Numbers that no numbering plan has, or that take no texts: they are left out. */
  phonesUnread: number;
}

/** An entry that is not taken, and why. What it says of who may sign in holds all the same. */
export interface BadEntry {
  directoryId: string | null;
  login: string | null;
  isDisabled: boolean;
  why: Why;
}

const lengthMax: Readonly<Record<Exclude<Property, "id" | "manager" | "sms" | "voice">, number>> = {
  login: 200,
  email: 254,
  firstName: 3_000,
  lastName: 3_000,
  displayName: 3_000,
  employeeNumber: 60,
  title: 3_000,
  department: 3_000,
  site: 3_000,
  language: 35,
};
type TextProperty = keyof typeof lengthMax;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads an id that is 16 bytes in Microsoft's order, or text; undefined where it is neither. */
export function readId(value: string | Buffer | undefined, flavour: Flavour): string | undefined {
  if (flavour === "active-directory" && Buffer.isBuffer(value) && value.length === 16) {
    const ordered = [...[3, 2, 1, 0, 5, 4, 7, 6], ...[8, 9, 10, 11, 12, 13, 14, 15]].map(
      (at) => value[at] ?? 0,
    );
    const hex = Buffer.from(ordered).toString("hex");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }
  if (typeof value !== "string" || value === "" || value.length > 200 || /\p{Cc}/u.test(value))
    return undefined;
  return uuid.test(value) ? value.toLowerCase() : value;
}

/** The bytes or the text by which `readId` came to `id`. */
export function toIdValue(id: string, flavour: Flavour): string | Buffer {
  if (flavour !== "active-directory" || !uuid.test(id)) return id;
  const bytes = Buffer.from(id.replaceAll("-", ""), "hex");
  return Buffer.from([3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15].map((at) => bytes[at] ?? 0));
}

/** The day on which Windows begins to count, in the hundreds of nanoseconds that it counts in, before 1970. */
const windowsEpoch = 116_444_736_000_000_000n;
const never = 9_223_372_036_854_775_807n;

/** A time as Windows writes it. */
export const toWindowsTime = (time: number): bigint => BigInt(time) * 10_000n + windowsEpoch;

function isExpired(text: string, now: Date): boolean {
  if (!/^\d{1,19}$/.test(text)) return false;
  const at = BigInt(text);
  return at !== 0n && at !== never && at < toWindowsTime(now.getTime());
}

/** The attributes that say who may not sign in. */
export const stateAttributes: Readonly<Record<Flavour, readonly string[]>> = {
  "active-directory": ["userAccountControl", "accountExpires"],
  openldap: ["pwdAccountLockedTime"],
};

/**
 * Whether a directory lets somebody sign in nowhere: disabled or expired there, or locked until an administrator unlocks them. Who
 * is locked after wrong passwords isn't: such people are whom a desk helps.
 */
function isDisabled(entry: RawEntry, flavour: Flavour, now: Date): boolean {
  const first = (name: string) => String(entry.values(name)[0] ?? "");
  switch (flavour) {
    case "active-directory":
      return (
        (Number.parseInt(first("userAccountControl"), 10) & 2) !== 0 ||
        isExpired(first("accountExpires"), now)
      );
    case "openldap":
      return first("pwdAccountLockedTime").startsWith("000001010000");
  }
}

/** The first value as text; null: there is none. */
function readText(entry: RawEntry, attribute: string): string | null | undefined {
  if (attribute === "") return null;
  const [value] = entry.values(attribute);
  if (value === undefined) return null;
  return typeof value === "string" ? value.normalize("NFC") : undefined;
}

function readLanguage(text: string): string | null {
  try {
    return Intl.getCanonicalLocales(text.split(/[,;]/, 1)[0]?.trim().replaceAll("_", "-"))[0] ?? null;
  } catch {
    return null;
  }
}

function readPhones(
  entry: RawEntry,
  mapping: Mapping,
  country: string | null,
): { phones: Pick<PersonFields, "sms" | "voice">; unread: number } {
  const phones: Pick<PersonFields, "sms" | "voice"> = {};
  const assumed: CountryCode | undefined =
    country !== null && isSupportedCountry(country) ? country : undefined;
  let unread = 0;
  for (const channel of ["sms", "voice"] as const) {
    if (mapping[channel] === "") continue;
    const texts = entry
      .values(mapping[channel])
      .filter((value) => typeof value === "string" && value.trim() !== "");
    const fit = texts
      .map((text) => (String(text).length > 100 ? undefined : parsePhone(String(text), assumed)))
      .find((phone) => phone !== undefined && !(channel === "sms" && phone.type === "FIXED_LINE"));
    phones[channel] = fit?.e164 ?? null;
    if (fit === undefined && texts.length > 0) unread += 1;
  }
  return { phones, unread };
}

/**
 * Reads an entry. A number that none is, and a language that none is, are left out; what people are told apart or found by has to
 * be text of a length that names have.
 * @param groups the names of the groups that the person is in.
 */
export function readEntry(
  entry: RawEntry,
  { flavour, mapping, country }: DirectoryScope,
  groups: readonly string[],
  now: Date,
): DirectoryPerson | BadEntry {
  const disabled = isDisabled(entry, flavour, now);
  const directoryId = readId(entry.values(mapping.id)[0], flavour) ?? null;
  const texts: Partial<Record<TextProperty, string>> = {};
  let why: Why | undefined;
  for (const [name, max] of Object.entries(lengthMax) as [TextProperty, number][]) {
    const text = readText(entry, mapping[name]);
    if (text === undefined) why ??= { reason: "not_text", name: mapping[name] };
    else if (text !== null && text.length > max) why ??= { reason: "too_long", name: mapping[name], max };
    else texts[name] = (text ?? "").replace(/\p{Cc}+/gu, (found) => (name === "login" ? found : " ")).trim();
  }
  const login = texts.login ?? "";
  const key = foldKey(login);
  const bad = (because: Why): BadEntry => ({
    directoryId,
    login: login === "" ? null : login.replace(/\p{Cc}+/gu, " ").slice(0, 200),
    isDisabled: disabled,
    why: because,
  });
  if (directoryId === null) return bad({ reason: "missing_id", name: mapping.id });
  if (why !== undefined) return bad(why);
  if (key === "") return bad({ reason: "missing", name: mapping.login });
  if (key.length > 200 || /\p{Cc}/u.test(login))
    return bad({ reason: "control_characters", name: mapping.login });
  if (groups.length > 2_000) return bad({ reason: "many_groups" });
  const { phones, unread } = readPhones(entry, mapping, country);
  const optional = (name: "email" | "employeeNumber" | "title" | "department" | "site") =>
    mapping[name] === "" ? {} : { [name]: texts[name] || null };
  const email = texts.email ?? "";
  return {
    directoryId,
    login,
    key,
    managerDn: mapping.manager === "" ? null : foldDn(readText(entry, mapping.manager) ?? "") || null,
    phonesUnread: unread,
    fields: {
      ...phones,
      ...optional("employeeNumber"),
      ...optional("title"),
      ...optional("department"),
      ...optional("site"),
      ...(mapping.email === "" ? {} : { email: /^[^\s@]+@[^\s@]+$/u.test(email) ? email : null }),
      ...(mapping.language === "" ? {} : { language: readLanguage(texts.language ?? "") }),
      firstName: texts.firstName ?? "",
      lastName: texts.lastName ?? "",
      displayName: texts.displayName ?? "",
      groups: [...groups].sort(),
      isDisabled: disabled,
    },
  };
}
