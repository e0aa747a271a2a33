import type { ClientSecret } from "@/lib/clients/credential";
import type { CreateClientInput } from "@/lib/clients/input";
import type { ClientKind } from "@/lib/clients/model";
import { isOauthScope } from "@/lib/staff/scopes";

/** What a form asks of a kind, besides what all have. */
export type KindField = "role" | "scopes" | "publicKey" | "redirectUris" | "entra";

/** What all kinds have in common in the form. */
interface Shared {
  name: string;
  callsPerSecond: number;
}

/** How the console shows a kind of client. */
interface Kind {
  /** What the form asks besides name and calls. */
  fields: readonly KindField[];
  /** Where it calls, below our base URL. */
  path: string;
  /** How the file that holds its secret ends; null: a secret that is copied as it is. */
  fileEnding: string | null;
  /** Reads the form. */
  toInput(shared: Shared, form: FormData): CreateClientInput;
}

/** Every kind of client, in the order of the form. A further one is a row here, its words, and its credential. */
export const kinds = {
  client_key: {
    fields: [],
    path: "/mfa/v1_1/authn",
    fileEnding: null,
    toInput: (shared) => ({ kind: "client_key", ...shared }),
  },
  legacy_key: {
    fields: ["role"],
    path: "/AdminInterface/restapi",
    fileEnding: "key.json",
    toInput: (shared, form) => ({
      kind: "legacy_key",
      ...shared,
      role: form.get("role") === "integration" ? "integration" : "helpdesk",
    }),
  },
  scim: {
    fields: [],
    path: "/scim/v2",
    fileEnding: null,
    toInput: (shared) => ({ kind: "scim", ...shared }),
  },
  oauth: {
    fields: ["scopes", "publicKey"],
    path: "/oauth/token",
    fileEnding: "jwk.json",
    toInput: (shared, form) => ({
      kind: "oauth",
      ...shared,
      scopes: form.getAll("scopes").map(String).filter(isOauthScope),
      publicKey: String(form.get("publicKey") ?? ""),
    }),
  },
  openid: {
    fields: ["redirectUris"],
    path: "/oidc",
    fileEnding: "oidc.json",
    toInput: (shared, form) => ({
      kind: "openid",
      ...shared,
      redirectUris: String(form.get("redirectUris") ?? "")
        .split(/\s+/)
        .filter((uri) => uri !== ""),
    }),
  },
  entra: {
    fields: ["entra"],
    path: "/oidc/.well-known/openid-configuration",
    fileEnding: null,
    toInput: (shared, form) => ({
      kind: "entra",
      ...shared,
      tenantId: String(form.get("tenantId") ?? "").trim(),
      appId: String(form.get("appId") ?? "").trim(),
      discoveryUrl: String(form.get("discoveryUrl") ?? "").trim() || undefined,
    }),
  },
} as const satisfies Record<ClientKind, Kind>;

/** The kinds, in the order of the form. */
export const kindNames = Object.keys(kinds) as ClientKind[];

/** What the form asks of `kind` besides name and calls. */
export function fieldsOf(kind: ClientKind): readonly KindField[] {
  return kinds[kind].fields;
}

/** A secret as text, to be copied or saved; null: the owner has it already. */
export function toText(secret: ClientSecret): string | null {
  switch (secret.kind) {
    case "legacy_key":
      return `${JSON.stringify(secret.keyFile, null, 2)}\n`;
    case "client_key":
      return secret.clientKey;
    case "scim":
      return secret.token;
    case "oauth":
      return secret.privateJwk && `${JSON.stringify(secret.privateJwk, null, 2)}\n`;
    case "openid":
      return `${JSON.stringify(secret.clientFile, null, 2)}\n`;
    case "entra":
      return null;
  }
}
