import type { CountryCode } from "libphonenumber-js/max";
import { withoutApostrophes } from "@/lib/platform/formulas";
import { foldKey } from "./fold";
import { parsePhone } from "./phone";
import type { Why } from "./why";

/** What a line of a file says of a person. What the file has no column for is undefined: it stays as it is. */
export interface PersonFields {
  displayName?: string;
  firstName?: string;
  lastName?: string;
  email?: string | null;
  employeeNumber?: string | null;
  title?: string | null;
  department?: string | null;
  site?: string | null;
  /** The login of the manager, folded. */
  managerKey?: string | null;
  groups?: string[];
  sms?: string | null;
  voice?: string | null;
  language?: string | null;
  timeZone?: string | null;
  isDisabled?: boolean;
}

/** A line that names somebody. */
export interface PersonLine {
  /** What a directory that numbers its people knows them by; undefined: the login. */
  directoryId?: string;
  login: string;
  /** The login, folded: who it is. */
  key: string;
  fields: PersonFields;
}

/** A line that is not taken, and why. */
export interface BadLine {
  /** Whom it names all the same; null: nobody. */
  key: string | null;
  why: Why;
}

type Reading = PersonFields | { why: Why };
type Reader = (cell: string, country: CountryCode | undefined) => Reading;

/** A longer name is no name; of one that is shorter the first 300 are kept. */
const readMax = 3_000;

const orNull = (cell: string) => cell || null;

const limited =
  (name: string, max: number, to: (cell: string) => Reading): Reader =>
  (cell) =>
    cell.length > max ? { why: { reason: "too_long", name, max } } : to(cell);

function readPhone(cell: string, channel: "sms" | "voice", country: CountryCode | undefined): Reading {
  if (cell === "") return { [channel]: null };
  const phone = parsePhone(cell, country);
  if (phone === undefined) {
    const needsCountry = country === undefined && !cell.startsWith("+") ? "yes" : "no";
    return { why: { reason: "bad_phone", name: `phone_${channel}`, needsCountry } };
  }
  if (channel === "sms" && phone.type === "FIXED_LINE")
    return { why: { reason: "landline", name: "phone_sms" } };
  return { [channel]: phone.e164 };
}

function readLanguage(cell: string): Reading {
  if (cell === "") return { language: null };
  try {
    return { language: Intl.getCanonicalLocales(cell.replaceAll("_", "-"))[0] ?? null };
  } catch {
    return { why: { reason: "bad_language" } };
  }
}

/** Asking whether a time zone is one takes longer than all else of a line, and a file names few. */
const zones = new Map<string, boolean>();
const zonesMax = 1_000;

function isTimeZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  if (zones.size >= zonesMax) zones.clear();
  let is = true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
  } catch {
    is = false;
  }
  zones.set(name, is);
  return is;
}

function readTimeZone(cell: string): Reading {
  if (cell === "") return { timeZone: null };
  return isTimeZone(cell) ? { timeZone: cell } : { why: { reason: "bad_time_zone" } };
}

function readDisabled(cell: string): Reading {
  const word = cell.toLowerCase();
  if (["yes", "true", "1"].includes(word)) return { isDisabled: true };
  if (["no", "false", "0", ""].includes(word)) return { isDisabled: false };
  return { why: { reason: "bad_disabled" } };
}

function readGroups(cell: string): Reading {
  const groups = [...new Set(cell.split(/[|;]/).map((name) => name.trim()))].filter((name) => name !== "");
  if (groups.some((name) => name.length > 200)) return { why: { reason: "long_group" } };
  return groups.length > 2_000 ? { why: { reason: "many_groups" } } : { groups: groups.sort() };
}

/** Every column but `login`. A name that is longer than the directory keeps is cut; what people are told apart by is refused. */
const readers: Readonly<Record<string, Reader>> = {
  display_name: limited("display_name", readMax, (cell) => ({ displayName: cell })),
  given_name: limited("given_name", readMax, (cell) => ({ firstName: cell })),
  family_name: limited("family_name", readMax, (cell) => ({ lastName: cell })),
  email: limited("email", 254, (cell) =>
    cell === "" || /^[^\s@]+@[^\s@]+$/u.test(cell)
      ? { email: orNull(cell) }
      : { why: { reason: "bad_email" } },
  ),
  employee_number: limited("employee_number", 60, (cell) => ({ employeeNumber: orNull(cell) })),
  title: limited("title", readMax, (cell) => ({ title: orNull(cell) })),
  department: limited("department", readMax, (cell) => ({ department: orNull(cell) })),
  site: limited("site", readMax, (cell) => ({ site: orNull(cell) })),
  manager_login: limited("manager_login", 200, (cell) => ({ managerKey: foldKey(cell) || null })),
  groups: readGroups,
  phone_sms: (cell, country) => readPhone(cell, "sms", country),
  phone_voice: (cell, country) => readPhone(cell, "voice", country),
  language: limited("language", 35, readLanguage),
  time_zone: readTimeZone,
  disabled: readDisabled,
};

const spellings: Readonly<Record<string, string>> = { e_mail: "email", manager: "manager_login" };

/** The column of refused lines that says why; in a file that was mended it is passed over. */
export const reasonColumn = "reason";

/** Every column that a file may have. */
const columnNames: readonly string[] = ["login", ...Object.keys(readers)];

/** The columns of a file, in its order. */
export type Header = readonly string[];

/**
 * Reads the header, in which case, blanks, hyphens and underscores don't matter.
 * @returns what is wrong with it otherwise: a column that nobody knows is a mistake, never passed over.
 */
export function parseHeader(cells: readonly string[]): { header: Header } | { why: Why } {
  const header = cells.map((cell) => {
    const name = cell
      .trim()
      .toLowerCase()
      .replace(/[\s_-]+/g, "_");
    return spellings[name] ?? name;
  });
  const unknown = header.findIndex((name) => name !== reasonColumn && !columnNames.includes(name));
  if (unknown >= 0)
    return {
      why: {
        reason: "unknown_column",
        name: JSON.stringify((cells[unknown] ?? "").slice(0, 60)),
        known: columnNames.join(", "),
      },
    };
  const twice = header.find((name, i) => header.indexOf(name) !== i);
  if (twice !== undefined) return { why: { reason: "column_twice", name: twice } };
  return header.includes("login") ? { header } : { why: { reason: "no_login_column" } };
}

/**
 * Reads a line below `header`. Control characters become blanks, but not in a login: that is refused. An apostrophe that keeps a
 * spreadsheet from running a cell is no part of it.
 */
export function parseLine(
  header: Header,
  given: readonly string[],
  country: CountryCode | undefined,
): PersonLine | BadLine {
  const cells = given.map(withoutApostrophes);
  const login = (cells[header.indexOf("login")] ?? "").normalize("NFC").trim();
  const key = foldKey(login);
  const isNamed = key !== "" && login.length <= 200 && key.length <= 200 && !/\p{Cc}/u.test(login);
  const bad = (why: Why): BadLine => ({ key: isNamed ? key : null, why });
  if (cells.length !== header.length)
    return { key: null, why: { reason: "wrong_cells", cells: cells.length, columns: header.length } };
  if (key === "") return bad({ reason: "missing", name: "login" });
  if (!isNamed) return bad({ reason: "bad_login" });
  const fields: PersonFields = {};
  for (const [i, name] of header.entries()) {
    const cell = (cells[i] ?? "").replace(/\p{Cc}+/gu, " ").trim();
    const reading = readers[name]?.(cell, country) ?? {};
    if ("why" in reading) return bad(reading.why);
    Object.assign(fields, reading);
  }
  return fields.managerKey === key ? bad({ reason: "own_manager" }) : { login, key, fields };
}
