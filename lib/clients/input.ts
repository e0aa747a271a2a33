import { z } from "zod";
import { oauthScopes } from "@/lib/staff/scopes";

const name = z.string().trim().min(1).max(80);
const callsPerSecond = z.number().int().min(1).max(100_000).default(20);

/** The public half of an OAuth client's key as its owner brings it: PEM or JSON as text, or a JWK (`readPublicKey`). */
const publicKey = z.union([z.string().trim().max(20_000), z.record(z.string(), z.unknown())]);
export type GivenPublicKey = z.output<typeof publicKey>;

/** Where none is brought, or an empty text, a key pair is made. */
const optionalPublicKey = publicKey.nullish().transform((key) => (key === "" ? null : key));

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
    publicKey: optionalPublicKey,
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
