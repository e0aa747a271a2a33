import "server-only";
import { decodeJwt } from "jose";
import { z } from "zod";
import { findOpenidClient } from "@/lib/clients/find-openid-client";
import { toEntraHint } from "./entra-hint";
import { peekEntry } from "./entries";
import type { OpenidRequest } from "./model";

const handlePattern = /^[\w-]{43}$/;

const word = z.string().max(200);
const asked = z
  .object({
    essential: z.boolean().optional(),
    value: word.optional(),
    values: z.array(word).max(50).optional(),
  })
  .nullish()
  .catch(null)
  .transform((claim) =>
    claim?.essential === true ? (claim.values ?? (claim.value === undefined ? null : [claim.value])) : null,
  );

/** No subject is empty. */
const nobody = "";
const subject = z.union([z.string(), z.number()]).transform(String).catch(nobody);

/** Whom a request means, essential or not (OpenID Connect Core 1.0, 5.5.1). What is neither text nor number is nobody's subject. */
const askedSubject = z
  .object({ value: z.unknown() })
  .nullish()
  .catch(null)
  .transform((claim) => (claim?.value === undefined ? [] : [subject.parse(claim.value)]));

const nothingAsked = { id_token: { acr: null, amr: null, sub: [] } };

/** The `claims` parameter, as far as it says who must be proven, and how; a way that isn't essential binds nobody. */
const claimsParameter = z
  .string()
  .transform((text) => JSON.parse(text) as unknown)
  .pipe(z.object({ id_token: z.object({ acr: asked, amr: asked, sub: askedSubject }) }))
  .catch(nothingAsked);

const parameters = z.object({
  client_id: z.string(),
  claims: claimsParameter.default(nothingAsked),
  login_hint: z.string().catch("").default(""),
  id_token_hint: z.string().optional(),
  "client-request-id": z
    .string()
    .regex(/^[\w-]{1,100}$/)
    .nullish()
    .catch(null),
});

/** A request with the name to begin with: what the application says, which need not be anybody's. */
export type ReadRequest = OpenidRequest & { loginHint: string };

/**
 * Reads what an application asks, out of the parameters of its request that the provider has verified; undefined where the application
 * doesn't live any more.
 */
export async function toRequest(given: unknown): Promise<ReadRequest | undefined> {
  const { claims, ...params } = parameters.parse(given);
  const client = await findOpenidClient(params.client_id);
  if (client === undefined) return undefined;
  const { id_token_hint: token } = params;
  const hint = client.settings.entra !== undefined && token !== undefined ? toEntraHint(token) : null;
  const hinted = token === undefined ? [] : [String(decodeJwt(token).sub)];
  return {
    clientId: client.id,
    name: client.name,
    acrValues: claims.id_token.acr,
    amrValues: claims.id_token.amr,
    subjects: [...hinted, ...claims.id_token.sub],
    hint,
    correlationId: params["client-request-id"] ?? null,
    loginHint: hint?.preferredUsername ?? params.login_hint,
  };
}

/**
 * Finds the application whose request waits under `handle`, the digest of the request's id: it names the request and opens nothing.
 * Undefined where there is none, or its time is over.
 */
export async function findWaitingApplication(handle: string): Promise<{ name: string } | undefined> {
  if (!handlePattern.test(handle)) return undefined;
  const waiting = await peekEntry("Interaction", new Uint8Array(Buffer.from(handle, "base64url")));
  if (waiting === undefined) return undefined;
  const { params } = z.object({ params: z.object({ client_id: z.string() }) }).parse(waiting);
  return findOpenidClient(params.client_id);
}
