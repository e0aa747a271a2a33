import "server-only";
import { timingSafeEqual } from "node:crypto";
import type { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import Provider, {
  type Client,
  type Configuration,
  errors,
  type InteractionResults,
  interactionPolicy,
  type KoaContextWithOIDC,
} from "oidc-provider";
import { attemptCookieName, isAttemptSecret } from "@/lib/authn/browser";
import type { EntraTenant } from "@/lib/clients/model";
import { openidIssuer } from "@/lib/clients/model";
import { verifyEntraHint } from "@/lib/openid/entra-hint";
import {
  accessTokenSecondsMax,
  claimsLevelsMax,
  codeSecondsMax,
  emergencyAcr,
  idTokenSecondsMax,
  isAcceptable,
  isDeeper,
  requestSeconds,
} from "@/lib/openid/model";
import { findSignInProfile } from "@/lib/openid/profile";
import { toRequest } from "@/lib/openid/request";
import type { OpenidSignIn } from "@/lib/openid/sign-in";
import { type PublishedKeys, readPublishedKeys } from "@/lib/openid/signing-keys";
import { getConfig, isSecure } from "@/lib/platform/config";
import { digest, listKeyIds, mac } from "@/lib/platform/keys";
import { getLog } from "@/lib/platform/log";
import { openAdapter } from "./openid-adapter";
import { renderErrorPage } from "./plain-page";

/** What the door hands to the provider when somebody was proven. */
export interface ProvenResult extends InteractionResults {
  login: { accountId: string; acr: string; amr: string[]; ts: number; remember: false };
  /** Nothing more is asked: whoever is proven for an application goes on to it. */
  consent: Record<string, never>;
  signIn: Pick<OpenidSignIn, "id" | "expiresAtSeconds">;
  /** By what the browser that was proven is known again where it goes on to the application. */
  attempt: { id: string; secretDigest: string };
}

const tenantOf = (client: Client | undefined) => client?.entra as EntraTenant | undefined;

/** Who was proven, in the browser in which they were and in no other: the request's own cookies are ones that a sibling host can set. */
function signInOf({ oidc, req }: KoaContextWithOIDC): ProvenResult["signIn"] | undefined {
  const { signIn, attempt } = (oidc.result ?? {}) as Partial<ProvenResult>;
  const secret = attempt && findSecret(req, attempt.id);
  return secret !== undefined && toDigest(secret) === attempt?.secretDigest ? signIn : undefined;
}

/** Nothing outlives the sign-in, and that not the grant. */
function within(secondsMax: number): (ctx: KoaContextWithOIDC) => number {
  return ({ oidc }) => {
    const end = oidc.entities.Grant?.exp ?? 0;
    const left = Math.floor(end - Date.now() / 1000);
    if (left < 1) throw new errors.InvalidGrant("grant is expired");
    return Math.min(secondsMax, left);
  };
}

function makePolicy(): interactionPolicy.Prompt[] {
  const { Check, Prompt } = interactionPolicy;
  const unmet = new Check(
    "not_accepted",
    "none of the requested ways can be offered",
    "unmet_authentication_requirements",
    async ({ oidc }) => {
      if (isDeeper(oidc.claims, claimsLevelsMax)) throw new errors.InvalidRequest("claims nests too deep");
      const request = await toRequest(oidc.params ?? {});
      if (request === undefined || isAcceptable(request)) return Check.NO_NEED_TO_PROMPT;
      throw new errors.UnmetAuthenticationRequirements("none of the requested ways can be offered");
    },
  );
  const unproven = new Check("unproven", "the user must be proven", (ctx) => {
    if (signInOf(ctx) !== undefined) return Check.NO_NEED_TO_PROMPT;
    if (ctx.oidc.result === undefined) return Check.REQUEST_PROMPT;
    throw new errors.AccessDenied("the user was proven in another browser");
  });
  return [
    new Prompt({ name: "login", requestable: true }, unmet, unproven),
    new Prompt({ name: "consent", requestable: true }),
  ];
}

async function requireHint({ oidc }: KoaContextWithOIDC, _value: unknown, client: Client): Promise<void> {
  if (tenantOf(client) !== undefined && oidc.params?.id_token_hint === undefined)
    throw new errors.InvalidRequest("id_token_hint is needed");
}

function configure(keys: PublishedKeys): Configuration {
  const cookie = { httpOnly: true, sameSite: "lax", secure: isSecure(), signed: true } as const;
  return {
    adapter: openAdapter,
    jwks: { keys: keys.open() as never },
    acrValues: [emergencyAcr, "possessionorinherence"],
    claims: {
      openid: ["sub", "acr", "amr", "auth_time"],
      profile: ["name", "preferred_username"],
      email: ["email"],
    },
    conformIdTokenClaims: false,
    clientDefaults: { id_token_signed_response_alg: "RS256" },
    extraClientMetadata: { properties: ["entra", "calls_per_second"] },
    extraParams: { "client-request-id": requireHint },
    cookies: {
      keys: listKeyIds().map((keyId) => Buffer.from(mac("openid-cookie", "sign", keyId))),
      long: { ...cookie, path: "/oidc" },
      short: cookie,
      names: {
        session: "sparekey-openid",
        interaction: "sparekey-openid-request",
        resume: "sparekey-openid-resume",
      },
    },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      claimsParameter: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
    },
    responseTypes: ["code", "id_token"],
    scopes: ["openid", "offline_access"],
    subjectTypes: ["public"],
    clientAuthMethods: ["client_secret_basic", "client_secret_post", "none"],
    enabledJWA: { idTokenSigningAlgValues: ["RS256"], userinfoSigningAlgValues: ["RS256"] },
    pkce: { required: () => true },
    clientBasedCORS: () => false,
    expiresWithSession: async () => false,
    rotateRefreshToken: true,
    revokeGrantPolicy: () => true,
    ttl: {
      AccessToken: within(accessTokenSecondsMax),
      AuthorizationCode: within(codeSecondsMax),
      IdToken: within(idTokenSecondsMax),
      RefreshToken: within(Number.MAX_SAFE_INTEGER),
      Interaction: requestSeconds,
      Session: requestSeconds,
      Grant: requestSeconds,
    },
    interactions: {
      policy: makePolicy(),
      url: (_ctx, { uid }) => `/oidc/interaction/${toDigest(uid)}`,
    },
    findAccount: async (ctx, accountId, token) => {
      const signInId =
        token === undefined ? signInOf(ctx)?.id : "grantId" in token ? token.grantId : undefined;
      const profile = signInId === undefined ? undefined : await findSignInProfile(signInId);
      if (profile?.subject !== accountId) return undefined;
      const { subject, displayName, login, email } = profile;
      return {
        accountId,
        claims: async () => ({
          sub: subject,
          name: displayName,
          preferred_username: login,
          email: email ?? undefined,
        }),
      };
    },
    loadExistingGrant: async (ctx) => {
      const signIn = signInOf(ctx);
      const { client, account, requestParamOIDCScopes, requestParamClaims } = ctx.oidc;
      if (signIn === undefined || client === undefined || account === undefined) return undefined;
      const grant = new ctx.oidc.provider.Grant({
        clientId: client.clientId,
        accountId: account.accountId,
        jti: signIn.id,
        exp: signIn.expiresAtSeconds,
      } as never);
      grant.addOIDCScope([...requestParamOIDCScopes].join(" "));
      grant.addOIDCClaims([...requestParamClaims]);
      await grant.save();
      return grant;
    },
    renderError: renderErrorPage,
    fetch: () => Promise.reject(new Error("the provider fetches nothing")),
  };
}

/** What a secret is told by: what goes by it opens nothing. `/otp` knows a request by that of its id. */
export function toDigest(secret: string): string {
  return Buffer.from(digest(secret)).toString("base64url");
}

/** What ties an attempt at `/otp` to this browser; undefined where it has nothing for it. */
export function findSecret(raw: IncomingMessage, attemptId: string): string | undefined {
  const name = attemptCookieName(attemptId, getConfig().BASE_URL);
  const secret = (raw.headers.cookie ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
  return isAttemptSecret(secret) ? secret : undefined;
}

/** Says whether a client that proved itself may call now, so many times a second; by the request that it stands in. */
export const admissions = new WeakMap<
  IncomingMessage,
  (clientId: string, callsPerSecond: number) => Promise<boolean>
>();

function makeProvider(keys: PublishedKeys): Provider {
  const provider = new Provider(openidIssuer(getConfig().BASE_URL), configure(keys));
  provider.proxy = true;
  const fault = (error: Error) => getLog().error({ err: error, part: "openid" }, "fault");
  (provider as EventEmitter).on("error", fault);
  provider.on("server_error", (_ctx, error) => fault(error));
  provider.Client.prototype.compareClientSecret = async function (this: Client, given: string) {
    const kept = Buffer.from(this.clientSecret ?? "", "base64url");
    const brought = digest(given);
    if (kept.length !== brought.length || !timingSafeEqual(kept, brought)) return false;
    const asked = Provider.ctx?.req;
    const admit = asked && admissions.get(asked);
    if (admit !== undefined && !(await admit(this.clientId, Number(this.calls_per_second))))
      throw new errors.OIDCProviderError(429, "temporarily_unavailable");
    return true;
  } as never;
  const validateOurs = provider.IdToken.validate;
  provider.IdToken.validate = async (token, client) => {
    const tenant = tenantOf(client);
    if (tenant === undefined) return validateOurs.call(provider.IdToken, token, client);
    const verified = await verifyEntraHint(tenant, token, new Date());
    if (verified.ok) return { header: {}, payload: verified.payload };
    if (verified.reason === "unreachable")
      throw new errors.TemporarilyUnavailable("the issuer of id_token_hint can't be asked");
    throw new errors.InvalidRequest(`could not validate id_token_hint: ${verified.reason}`);
  };
  return provider;
}

let current: { name: string; provider: Provider } | undefined;

/** The provider that signs by the keys that are published now. */
export async function getProvider(): Promise<Provider> {
  const keys = await readPublishedKeys();
  if (current?.name !== keys.name) current = { name: keys.name, provider: makeProvider(keys) };
  return current.provider;
}
