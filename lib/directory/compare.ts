import { type DirectoryUser, directoryUserSchema } from "./input";
import type { KnownPerson } from "./known-store";
import { defaultDisplayName } from "./model";
import type { PersonLine } from "./people-columns";

/** A person as the file wants them, beside what they are. */
export interface Comparison {
  wanted: DirectoryUser;
  is: "added" | "changed" | "unchanged";
  /** They may sign in until now. */
  becomesDisabled: boolean;
  /** They may sign in again from now on. */
  becomesEnabled: boolean;
  /** Numbers that staff set or took away and the file has otherwise: they stay so. */
  phonesKept: number;
}

const channels = ["sms", "voice"] as const;
const scalars = [
  "login",
  "email",
  "firstName",
  "lastName",
  "displayName",
  "employeeNumber",
  "title",
  "department",
  "site",
  "managerDirectoryId",
  "language",
  "timeZone",
  "isDisabled",
] as const;

/**
 * Decides what a line makes of a person: what the file has no column for stays, an empty cell is none. Somebody new has their
 * folded login as directory id, where the line brings none.
 * @param managerDirectoryId undefined: as it is.
 */
export function compare(
  { directoryId, login, key, fields }: PersonLine,
  known: KnownPerson | undefined,
  managerDirectoryId: string | null | undefined,
): Comparison {
  const { sms, voice, managerKey: _, displayName, ...rest } = fields;
  const said = { sms, voice };
  const isOf = (channel: "sms" | "voice") => known?.phones.find((phone) => phone.channel === channel);
  const phones: Partial<Record<"sms" | "voice", string>> = {};
  for (const channel of channels) {
    const phone = isOf(channel);
    const e164 = said[channel] === undefined || phone?.isByStaff ? phone?.e164 : said[channel];
    if (e164 != null) phones[channel] = e164;
  }
  const firstName = rest.firstName ?? known?.firstName ?? "";
  const lastName = rest.lastName ?? known?.lastName ?? "";
  const wanted = directoryUserSchema.parse({
    ...known,
    ...rest,
    directoryId: known?.directoryId ?? directoryId ?? key,
    login,
    firstName,
    lastName,
    displayName:
      displayName ||
      (displayName === undefined && known?.displayName) ||
      defaultDisplayName(login, firstName, lastName),
    managerDirectoryId: managerDirectoryId === undefined ? known?.managerDirectoryId : managerDirectoryId,
    phones,
  });
  const isSame =
    known !== undefined &&
    scalars.every((name) => wanted[name] === known[name]) &&
    channels.every((channel) => (wanted.phones[channel] ?? null) === (isOf(channel)?.e164 ?? null)) &&
    JSON.stringify([...new Set(wanted.groups)].sort()) === JSON.stringify([...known.groups].sort());
  return {
    wanted,
    is: known === undefined ? "added" : isSame ? "unchanged" : "changed",
    becomesDisabled: known !== undefined && !known.isDisabled && wanted.isDisabled,
    becomesEnabled: known?.isDisabled === true && !wanted.isDisabled,
    phonesKept: channels.filter(
      (channel) =>
        isOf(channel)?.isByStaff && said[channel] !== undefined && said[channel] !== isOf(channel)?.e164,
    ).length,
  };
}
