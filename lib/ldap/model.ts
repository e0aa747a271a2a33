import type { Why } from "@/lib/directory/why";

/** Whose attributes a directory has. */
export const flavours = ["active-directory", "openldap"] as const;
export type Flavour = (typeof flavours)[number];

/** What is read of a person. `id` never changes; all but `id` and `login` may be left out. */
export const properties = [
  "id",
  "login",
  "email",
  "firstName",
  "lastName",
  "displayName",
  "employeeNumber",
  "title",
  "department",
  "site",
  "manager",
  "sms",
  "voice",
  "language",
] as const;
export type Property = (typeof properties)[number];

/** The attribute that each property is read from; an empty one is not read. */
export type Mapping = Readonly<Record<Property, string>>;

const inetOrgPerson = {
  email: "mail",
  firstName: "givenName",
  lastName: "sn",
  displayName: "displayName",
  title: "title",
  manager: "manager",
  sms: "mobile",
  voice: "telephoneNumber",
  language: "preferredLanguage",
};

/** What holds where an owner says nothing else. */
export const defaultsOf: Readonly<
  Record<
    Flavour,
    { mapping: Mapping; userFilter: string; groupFilter: string; groupsBy: GroupsBy; changed: string }
  >
> = {
  "active-directory": {
    mapping: {
      ...inetOrgPerson,
      id: "objectGUID",
      login: "sAMAccountName",
      employeeNumber: "employeeID",
      department: "department",
      site: "physicalDeliveryOfficeName",
    },
    userFilter: "(&(objectCategory=person)(objectClass=user))",
    groupFilter: "(objectClass=group)",
    groupsBy: "memberOf",
    changed: "uSNChanged",
  },
  openldap: {
    mapping: {
      ...inetOrgPerson,
      id: "entryUUID",
      login: "uid",
      employeeNumber: "employeeNumber",
      department: "departmentNumber",
      site: "l",
    },
    userFilter: "(objectClass=inetOrgPerson)",
    groupFilter: "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames))",
    groupsBy: "member",
    changed: "modifyTimestamp",
  },
};

/** Where it stands who is in a group: at the person (and at a group that is in another), or at the group. */
export const groupsBy = ["memberOf", "member"] as const;
export type GroupsBy = (typeof groupsBy)[number];

/** How a directory is reached. */
export interface DirectoryAddress {
  /** `ldap://` or `ldaps://`, host and port. */
  url: string;
  /** Whether a connection that began in the clear goes on under TLS, before anything is said. */
  startsTls: boolean;
  /** PEM: what its certificate is judged by; null: by the authorities that Node knows. */
  caCertificate: string | null;
  bindDn: string;
  password: string;
}

/** What is read there. */
export interface DirectoryScope {
  flavour: Flavour;
  baseDn: string;
  userFilter: string;
  groupBaseDn: string;
  groupFilter: string;
  groupsBy: GroupsBy;
  mapping: Mapping;
  /** Whose national way of writing phone numbers is meant where there is no `+`. */
  country: string | null;
  pageSize: number;
}

/** Where the last sync ended: what is later has changed since. */
export type Cursor = { by: "usn"; invocationId: string; usn: string } | { by: "time"; modifiedAt: string };

/** Why a directory can't be read. */
const troubles = [
  "name_not_found",
  "unreachable",
  "certificate_untrusted",
  "certificate_of_another",
  "certificate_expired",
  "tls_failed",
  "tls_needed",
  "bind_refused",
  "base_not_found",
  "not_allowed",
  "limited",
  "too_slow",
  "too_large",
  "endless",
  "went_away",
  "answered_oddly",
] as const;
export type Trouble = (typeof troubles)[number];

/** A directory that can't be read. `detail`: its own word, or the system's, for who operates it. */
export class DirectoryTrouble extends Error {
  override readonly name = "DirectoryTrouble";
  constructor(
    readonly reason: Trouble,
    readonly detail: string,
    cause?: unknown,
  ) {
    super(`the directory can't be read: ${reason}`, { cause });
  }

  /** What is said of it. */
  get why(): Why {
    return { reason: this.reason, detail: this.detail };
  }
}

/** The names that a certificate of a loopback address would have nothing to say about. */
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether nobody can read along: TLS from the first byte, or before anything is said, or a machine that speaks with itself. */
export function isPrivate({ url, startsTls }: Pick<DirectoryAddress, "url" | "startsTls">): boolean {
  const { protocol, hostname } = new URL(url.replace(/^ldap/, "http"));
  return protocol === "https:" || startsTls || loopback.test(hostname);
}

/** What a name of an entry is compared by: the case of letters and blanks around signs don't matter. */
export function foldDn(dn: string): string {
  return dn
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s*([,=+])\s*/g, "$1");
}
