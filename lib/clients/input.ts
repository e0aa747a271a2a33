import { z } from "zod";
import { oauthScopes } from "@/lib/staff/scopes";

const name = z.string().trim().min(1).max(80);
const callsPerSecond = z.number().int().min(1).max(100_000).default(20);

const rsaKey = z.object({ kty: z.literal("RSA"), n: z.string().max(1400), e: z.string().max(16) });
const ellipticKey = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string().max(64),
  y: z.string().max(64),
});

/** The public half of an OAuth client's key, for RS256 or ES256; a private member doesn't pass. */
const publicJwk = z
  .union([
    rsaKey.extend({ kid: z.string().max(200).optional() }),
    ellipticKey.extend({ kid: z.string().max(200).optional() }),
  ])
  .readonly();

/** What `createClient` takes. `callsPerSecond`: 1 to 100,000, 20 where nothing is said. */
export const createClientInput = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("legacy_key"),
    name,
    role: z.enum(["helpdesk", "integration"]),
    callsPerSecond,
  }),
  z.object({ kind: z.literal("client_key"), name, callsPerSecond }),
  z.object({
    kind: z.literal("oauth"),
    name,
    scopes: z.array(z.enum(oauthScopes)).min(1),
    publicJwk,
    callsPerSecond,
  }),
]);
export type CreateClientInput = z.input<typeof createClientInput>;

/** What `endClient` takes. */
export const endClientInput = z.object({ clientId: z.uuid() });
export type EndClientInput = z.infer<typeof endClientInput>;
