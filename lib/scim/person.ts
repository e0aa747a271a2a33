import { type DirectoryUser, directoryUserSchema } from "@/lib/directory/input";
import { defaultDisplayName, type PhoneChannel } from "@/lib/directory/model";
import { parsePhone } from "@/lib/directory/phone";
import { listValues, type Parts, type ScimDocument, type Value } from "./document";
import { Unfit } from "./unfit";

/** Which number is which: texts go to the mobile one, calls to the one of work, as Entra and Okta name them. */
export const phoneTypes = { sms: "mobile", voice: "work" } as const satisfies Record<PhoneChannel, string>;

/** A person as a directory wants them by SCIM. */
export interface Person
  extends Omit<
    DirectoryUser,
    | "directoryId"
    | "managerDirectoryId"
    | "groups"
    | "normalAuthenticators"
    | "lastSignInAt"
    | "lastSignInMethod"
    | "site"
  > {
  externalId: string | null;
  /** As the client says; it may be nobody's id. */
  managerId: string | null;
}

/** A person as they are stored. */
export interface StoredPerson {
  id: string;
  externalId: string | null;
  login: string;
  email: string | null;
  firstName: string;
  lastName: string;
  displayName: string;
  title: string | null;
  language: string | null;
  timeZone: string | null;
  employeeNumber: string | null;
  department: string | null;
  disabledAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
  manager: { id: string; displayName: string } | null;
  phones: { channel: PhoneChannel; e164: string; isByStaff: boolean }[];
  groups: { id: string; name: string }[];
}

const text = (value: Value | undefined) => (typeof value === "string" ? value : null);
const part = (value: Value | undefined, name: string) =>
  typeof value === "object" && !Array.isArray(value) ? text(value[name]) : null;

/** A person as a PATCH finds them. A name for display that is made of the others is left out, so that it follows them. */
export function toDocument(person: StoredPerson): ScimDocument {
  const { login, email, firstName, lastName, displayName, manager } = person;
  const name: Parts = {
    ...(firstName === "" ? {} : { givenName: firstName }),
    ...(lastName === "" ? {} : { familyName: lastName }),
  };
  const simple = (values: Record<string, Value | null>) =>
    Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== null));
  const isMade = displayName === defaultDisplayName(login, firstName, lastName);
  return {
    core: simple({
      externalId: person.externalId,
      userName: login,
      name: Object.keys(name).length === 0 ? null : name,
      displayName: isMade ? null : displayName,
      title: person.title,
      preferredLanguage: person.language,
      timezone: person.timeZone,
      active: person.disabledAt === null,
      emails: email === null ? null : [{ value: email, type: "work", primary: true }],
      phoneNumbers:
        person.phones.length === 0
          ? null
          : person.phones.map(({ channel, e164 }) => ({ value: e164, type: phoneTypes[channel] })),
    }),
    extension: simple({
      employeeNumber: person.employeeNumber,
      department: person.department,
      manager: manager === null ? null : { value: manager.id },
    }),
  };
}

/** The one address that is kept: the newest that is primary, else that of work, else the first. */
function pickEmail(emails: readonly Parts[]): string | null {
  const given = emails.filter((each) => typeof each.value === "string");
  const isWork = (each: Parts) => String(each.type ?? "").toLowerCase() === "work";
  const chosen = given.findLast((each) => each.primary === true) ?? given.find(isWork) ?? given[0];
  return text(chosen?.value);
}

function pickPhone(numbers: readonly Parts[], channel: PhoneChannel, active: boolean): string | undefined {
  const type = phoneTypes[channel];
  const chosen = numbers.findLast(
    (each) => String(each.type ?? "").toLowerCase() === type && typeof each.value === "string",
  );
  if (chosen === undefined) return undefined;
  const phone = parsePhone(String(chosen.value));
  const isFit = phone !== undefined && !(channel === "sms" && phone.type === "FIXED_LINE");
  if (isFit) return phone.e164;
  if (!active) return undefined;
  throw new Unfit(
    "invalidValue",
    `The ${type} number isn't one that the numbering plan allows, with + and the country's code${channel === "sms" ? ", that takes texts" : ""}`,
  );
}

/**
 * Reads what a document wants of a person. A number that is none is an error, but not of somebody who isn't active: nothing
 * else in a message holds up a leave.
 * @throws {Unfit} `invalidValue`.
 */
export function toPerson({ core, extension }: ScimDocument): Person {
  const login = text(core.userName);
  if (login === null || login.trim() === "") throw new Unfit("invalidValue", "userName is missing");
  const active = core.active !== false;
  const numbers = listValues(core, "phoneNumbers");
  const [sms, voice] = [pickPhone(numbers, "sms", active), pickPhone(numbers, "voice", active)];
  const firstName = part(core.name, "givenName") ?? "";
  const lastName = part(core.name, "familyName") ?? "";
  const parsed = directoryUserSchema.safeParse({
    directoryId: "of-nobody-yet",
    login,
    email: pickEmail(listValues(core, "emails")),
    firstName,
    lastName,
    displayName: text(core.displayName)?.trim() || defaultDisplayName(login, firstName, lastName),
    employeeNumber: text(extension.employeeNumber),
    title: text(core.title),
    department: text(extension.department),
    language: text(core.preferredLanguage),
    timeZone: text(core.timezone),
    isDisabled: !active,
    phones: { ...(sms === undefined ? {} : { sms }), ...(voice === undefined ? {} : { voice }) },
  });
  if (!parsed.success)
    throw new Unfit("invalidValue", `${parsed.error.issues[0]?.path.join(".") || "A value"} isn't valid`);
  const { directoryId: _, managerDirectoryId: __, ...person } = parsed.data;
  const externalId = text(core.externalId);
  if ((externalId?.length ?? 0) > 200)
    throw new Unfit("invalidValue", "externalId is longer than 200 characters");
  return { ...person, externalId, managerId: part(extension.manager, "value") };
}
