import { randomBytes, randomUUID } from "node:crypto";
import type { DirectorySettingsInput } from "@/lib/ldap/input";
import { defaultsOf, type Flavour } from "@/lib/ldap/model";
import { BASE_DN, BIND_DN, BIND_PASSWORD, type Slapd, toLdif } from "./slapd";

/** Settings that read the people and groups of a slapd, over LDAPS. */
export function toSettings(
  slapd: Slapd,
  flavour: Flavour,
  other: Partial<DirectorySettingsInput> = {},
): DirectorySettingsInput {
  const { userFilter, groupFilter, groupsBy } = defaultsOf[flavour];
  return {
    url: `ldaps://localhost:${slapd.tlsPort}`,
    startsTls: false,
    caCertificate: slapd.ca,
    bindDn: BIND_DN,
    password: BIND_PASSWORD,
    flavour,
    baseDn: `ou=people,${BASE_DN}`,
    userFilter,
    groupBaseDn: `ou=groups,${BASE_DN}`,
    groupFilter,
    groupsBy,
    attributes: {},
    country: "DE",
    pageSize: 100,
    everyMinutes: 15,
    ...other,
  };
}

type Attributes = Record<string, string | number | Buffer | readonly string[]>;

/** The name of a person's entry. */
export const toPersonDn = (login: string) => `cn=${login},ou=people,${BASE_DN}`;

/** Somebody as OpenLDAP has them. */
export function toOpenldapPerson(login: string, attributes: Attributes = {}): string {
  return toLdif(toPersonDn(login), {
    objectClass: "inetOrgPerson",
    entryUUID: randomUUID(),
    cn: login,
    sn: "Person",
    givenName: login,
    uid: login,
    mail: `${login}@example.com`,
    ...attributes,
  });
}

/** Somebody as Active Directory has them. */
export function toActiveDirectoryPerson(login: string, usn: number, attributes: Attributes = {}): string {
  return toLdif(toPersonDn(login), {
    objectClass: "user",
    objectCategory: "person",
    objectGUID: randomBytes(16),
    cn: login,
    sn: "Person",
    givenName: login,
    sAMAccountName: login,
    userAccountControl: 512,
    uSNChanged: usn,
    ...attributes,
  });
}

/** A group with its members. */
export function toGroup(
  flavour: Flavour,
  name: string,
  members: readonly string[],
  more: Attributes = {},
): string {
  return toLdif(`cn=${name},ou=groups,${BASE_DN}`, {
    objectClass: flavour === "openldap" ? "groupOfNames" : "group",
    cn: name,
    member: members,
    ...more,
  });
}

/** So many people as OpenLDAP has them: `p0`, `p1`, …, or numbered from `from`. */
export const toOpenldapPeople = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, n) => toOpenldapPerson(`p${n + from}`)).join("");

/** So many people as Active Directory has them: `p0`, `p1`, …, whose changes are counted from 1. */
export const toActiveDirectoryPeople = (count: number): string =>
  Array.from({ length: count }, (_, n) => toActiveDirectoryPerson(`p${n}`, n + 1)).join("");

/** Takes somebody out of the directory. */
export const toRemoval = (login: string): string => `dn: ${toPersonDn(login)}\nchangetype: delete\n\n`;
