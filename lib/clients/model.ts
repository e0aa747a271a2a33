import type { Actor } from "@/lib/platform/context";

/** How long an answer about a client is kept in this process: an ended key works this long at most in other processes. */
export const clientCacheSeconds = 3;

/** The longest that a legacy key's token may be good (rest, 1 "Who calls"). */
export const legacyTokenSecondsMax = 3600;

/** By how much the caller's clock may differ from ours where a token's end is judged. */
export const clockSkewSeconds = 60;

/** How far ahead a token may say that it was issued, as RSA's own tools do. */
export const issuedAheadSecondsMax = 3600;

/** How long an access token opens anything (rest, 1 "Who calls"). */
export const accessTokenSeconds = 3600;

/** How far ahead the end of a client's assertion may lie. */
export const assertionSecondsMax = 3600;

/**
 * What a client is: a key pair of RSA's legacy form, a key for the Authentication API, OAuth; an application that signs people in by
 * OpenID Connect, or Microsoft Entra, which does so as an external authentication method; a directory that brings people in by SCIM.
 */
export type ClientKind = "legacy_key" | "client_key" | "oauth" | "openid" | "entra" | "scim";

/** What a directory's token may do, as a scope; no OAuth client is given it. */
export const scimScope = "scim";

/** What a legacy key may do. */
export type ClientRole = "helpdesk" | "integration";

/** How many of a kind may live (rest, 1 "Who calls", 2); null: any number. */
export const liveMax: Readonly<Record<ClientKind, number | null>> = {
  legacy_key: 10,
  client_key: 10,
  oauth: null,
  openid: null,
  entra: null,
  scim: 10,
};

/** By what Microsoft Entra's word is believed. */
export interface EntraTenant {
  tenantId: string;
  /** The application in Entra that stands for us: the audience of its hints. */
  appId: string;
  /** Where Entra says who it is, and by which keys it signs. */
  discoveryUrl: string;
}

/** Where a client that signs people in may be answered; exact. */
export interface OpenidSettings {
  redirectUris: string[];
  entra?: EntraTenant;
}

/** A client as the console shows it: nothing in it opens anything. */
export interface ClientView {
  id: string;
  kind: ClientKind;
  name: string;
  role: ClientRole | null;
  scopes: string[];
  /** The `sub` of a legacy key's tokens, the `client_id` of an OAuth or OpenID client. */
  accessId: string | null;
  openid: OpenidSettings | null;
  callsPerSecond: number;
  createdAt: Date;
  /** The id of the staff member who made it, or the kind of actor that did. */
  createdBy: string | null;
  endedAt: Date | null;
  lastUsedAt: Date | null;
}

/** A client of the list. */
export interface ListedClient extends ClientView {
  /** The name of the staff member who made it; null where no staff did. */
  creatorName: string | null;
}

/** A client that has proved itself just now. */
export interface AuthenticatedClient {
  id: string;
  kind: ClientKind;
  name: string;
  role: ClientRole | null;
  scopes: readonly string[];
  callsPerSecond: number;
}

/** The file of a legacy key, in RSA's own words; handed out once (rest, 1 "Who calls"). */
export interface KeyFile {
  customerName: string;
  accessID: string;
  /** PEM, PKCS#1. */
  accessKey: string;
  adminRestApiUrl: string;
  description: string;
}

/** The private half of an OAuth client's key, and the id that it goes by; handed out once. A JWK (RFC 7517) for ES256. */
export interface PrivateJwkFile {
  [member: string]: unknown;
  d: string;
  kid: string;
  alg: string;
  client_id: string;
}

/** Who acts where `client` has proved itself. */
export function toActor(client: AuthenticatedClient): Extract<Actor, { kind: "client" }> {
  return {
    kind: "client",
    clientId: client.id,
    name: client.name,
    role: client.role,
    scopes: client.scopes,
  };
}

/** The address of the Cloud Administration API below `baseUrl`, which ends in no slash: what a legacy key's tokens name as their audience. */
export function adminRestApiUrl(baseUrl: string): string {
  return `${baseUrl}/AdminInterface/restapi`;
}

/** Who issues access tokens below `baseUrl`, which ends in no slash (RFC 8414). */
export function oauthIssuer(baseUrl: string): string {
  return `${baseUrl}/oauth`;
}

/** Who issues ID tokens below `baseUrl`, which ends in no slash (OpenID Connect Discovery 1.0). */
export function openidIssuer(baseUrl: string): string {
  return `${baseUrl}/oidc`;
}

/** The file of an OpenID client, in the words of its registration; handed out once. */
export interface OpenidClientFile {
  issuer: string;
  client_id: string;
  client_secret: string;
  redirect_uris: string[];
}

/** Where Entra's global cloud says who signs for a tenant. */
export function entraDiscoveryUrl(tenantId: string): string {
  return `https://login.microsoftonline.com/${tenantId}/v2.0/.well-known/openid-configuration`;
}
