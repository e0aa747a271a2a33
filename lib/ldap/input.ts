import "server-only";
import { X509Certificate } from "node:crypto";
import { FilterParser } from "ldapts";
import { isSupportedCountry } from "libphonenumber-js/max";
import { z } from "zod";
import { flavours, groupsBy, isPrivate, properties } from "./model";

/** An address of a directory: scheme, host and port, nothing else. */
const url = z
  .string()
  .trim()
  .max(300)
  .regex(/^ldaps?:\/\/(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?\/?$/i)
  .transform((text) => text.replace(/\/$/, "").toLowerCase())
  .refine((text) => URL.canParse(text.replace(/^ldap/, "http")));

const dn = z
  .string()
  .trim()
  .max(1_000)
  .regex(/^\P{Cc}*$/u);

/** Whether `text` is a filter as RFC 4515 has them; what reads it for the directory takes one that doesn't end. */
function isFilter(text: string): boolean {
  if (text.split("(").length !== text.split(")").length) return false;
  try {
    FilterParser.parseString(text);
    return true;
  } catch {
    return false;
  }
}
const filter = z.string().trim().min(3).max(2_000).refine(isFilter);

/** One or more certificates, PEM. */
const certificates = z
  .string()
  .trim()
  .max(100_000)
  .refine((text) => {
    const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return found.length > 0 && found.every(isCertificate);
  })
  .transform((text) => text.replace(/\r\n?/g, "\n"));

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}

const attribute = z
  .string()
  .trim()
  .max(100)
  .regex(/^([A-Za-z][A-Za-z0-9-]*|\d+(\.\d+)+)?$/);

/** The attributes that are other than the flavour's own; an empty one isn't read. */
const attributes = z
  .partialRecord(z.enum(properties), attribute)
  .refine((given) => given.id !== "" && given.login !== "");

const settings = z
  .object({
    url,
    startsTls: z.boolean(),
    caCertificate: z.preprocess((text) => (text === "" ? null : text), certificates.nullable()),
    bindDn: dn.min(1),
    /** Null: the one that is kept, which goes with the address, the name and the authority that it was given for. */
    password: z.preprocess((text) => (text === "" ? null : text), z.string().max(1_000).nullable()),
    flavour: z.enum(flavours),
    baseDn: dn.min(1),
    userFilter: filter,
    groupBaseDn: dn.min(1),
    groupFilter: filter,
    groupsBy: z.enum(groupsBy),
    attributes,
    country: z.preprocess(
      (text) => (text === "" ? null : text),
      z.string().trim().toUpperCase().refine(isSupportedCountry).nullable(),
    ),
    pageSize: z.int().min(10).max(1_000),
    everyMinutes: z.int().min(5).max(1_440),
  })
  .refine(({ url: address, startsTls }) => !startsTls || address.startsWith("ldap:"), {
    path: ["startsTls"],
    message: "ldaps:// is under TLS from its first byte",
  })
  .refine(isPrivate, { path: ["url"], message: "the password would be sent in the clear" });

/** What `saveDirectory` and `testDirectory` take. */
export const directorySettingsInput = settings;
export type DirectorySettingsInput = z.output<typeof settings>;
export type DirectorySettingsGiven = z.input<typeof settings>;

/** What `askSync` is asked at the console. */
export const askSyncInput = z.strictObject({
  /** Everybody is compared, whatever changed since the last one. */
  isFull: z.boolean(),
});
export type AskSyncGiven = z.input<typeof askSyncInput>;
