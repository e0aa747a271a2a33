import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { oauthScopes } from "@/lib/staff/scopes";

const name = z.string().trim().min(1).max(80).refine(isStorable);
const callsPerSecond = z.number().int().min(1).max(100_000).default(20);

/** The public half of an OAuth client's key as its owner brings it: PEM or JSON as text, or a JWK (`readPublicKey`). */
const publicKey = z.union([z.string().trim().max(20_000), z.record(z.string(), z.unknown())]);
export type GivenPublicKey = z.output<typeof publicKey>;

/** Where none is brought, or an empty text, a key pair is made. */
const optionalPublicKey = publicKey.nullish().transform((key) => (key === "" ? null : key));

/** `URL.parse`, which Node has from 20.18 on. */
const parseUrl = (text: string) => (URL.canParse(text) ? new URL(text) : null);

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/** An address to which a browser is sent back: https, or http to the machine itself; without a fragment or credentials, as it is sent. */
const redirectUri = z
  .string()
  .trim()
  .max(500)
  .refine((text) => {
    const url = parseUrl(text);
    if (url === null || url.hash !== "" || text.includes("#") || url.username !== "" || url.password !== "")
      return false;
    return url.protocol === "https:" || (url.protocol === "http:" && loopback.test(url.hostname));
  });
const redirectUris = z.array(redirectUri).min(1).max(20);

/** Where Entra's clouds say who they are. */
const entraHosts = [
  "login.microsoftonline.com",
  "login.microsoftonline.us",
  "login.partner.microsoftonline.cn",
];

/** The discovery document of a tenant in one of Microsoft's clouds; outside of production one on this machine too. */
const discoveryUrl = z
  .string()
  .trim()
  .max(300)
  .refine((text) => {
    const url = parseUrl(text);
    if (url === null || url.hash !== "" || url.username !== "") return false;
    if (url.protocol === "https:" && url.port === "" && entraHosts.includes(url.hostname)) return true;
    return process.env.NODE_ENV !== "production" && url.protocol === "http:" && loopback.test(url.hostname);
  });

/** What `createClient` takes. `callsPerSecond`: 1 to 100,000, 20 where nothing is said. */
export const createClientInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("legacy_key"),
    name,
    role: z.enum(["helpdesk", "integration"]),
    callsPerSecond,
  }),
  z.object({ kind: z.literal("client_key"), name, callsPerSecond }),
  z.object({ kind: z.literal("scim"), name, callsPerSecond }),
  z.object({
    kind: z.literal("oauth"),
    name,
    scopes: z.array(z.enum(oauthScopes)).min(1),
    publicKey: optionalPublicKey,
    callsPerSecond,
  }),
  z.object({ kind: z.literal("openid"), name, redirectUris, callsPerSecond }),
  z.object({
    kind: z.literal("entra"),
    name,
    tenantId: z.guid().toLowerCase(),
    appId: z.guid().toLowerCase(),
    /** Where none is given: the global cloud's. */
    discoveryUrl: discoveryUrl.optional(),
    callsPerSecond,
  }),
]);
export type CreateClientInput = z.input<typeof createClientInput>;

/** What `rotateClient` takes. */
export const rotateClientInput = z.object({ clientId: z.uuid(), publicKey: optionalPublicKey });
export type RotateClientInput = z.input<typeof rotateClientInput>;

/** What `endClient` takes. */
export const endClientInput = z.object({ clientId: z.uuid() });
export type EndClientInput = z.infer<typeof endClientInput>;
