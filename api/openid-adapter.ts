import "server-only";
import Provider, { type Adapter, type AdapterPayload, errors } from "oidc-provider";
import { findOpenidClient } from "@/lib/clients/find-openid-client";
import { endSignIn, type SignInEnd } from "@/lib/openid/end-sign-in";
import { consumeEntry, dropEntry, keepEntry, readEntry } from "@/lib/openid/entries";
import type { Context } from "@/lib/platform/context";
import { admit } from "@/lib/robots/admit";
import { toRequestContext } from "@/lib/staff/request";

/** Who asks the provider now, from where: nobody is proven. */
function contextOfRequest(): Context {
  return { actor: { kind: "user" }, ...toRequestContext(new Headers(headersOfRequest())) };
}

function headersOfRequest(): Record<string, string> {
  const given = Object.entries(Provider.ctx?.req.headers ?? {});
  return Object.fromEntries(
    given.flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}

const nothing = async () => undefined;

/** Clients are rows of ours, asked for each time: one that has ended is nobody at once. */
const clients: Adapter = {
  find: async (id) => {
    const client = await findOpenidClient(id);
    if (client === undefined) return undefined;
    const { name, secretDigest, settings, callsPerSecond } = client;
    const common = {
      client_id: id,
      client_name: name,
      redirect_uris: settings.redirectUris,
      calls_per_second: callsPerSecond,
    };
    return secretDigest === null
      ? {
          ...common,
          grant_types: ["implicit"],
          response_types: ["id_token"],
          token_endpoint_auth_method: "none",
          entra: settings.entra,
        }
      : {
          ...common,
          grant_types: ["authorization_code", "refresh_token"],
          response_types: ["code"],
          token_endpoint_auth_method: "client_secret_basic",
          client_secret: Buffer.from(secretDigest).toString("base64url"),
        };
  },
  upsert: nothing,
  findByUid: nothing,
  findByUserCode: nothing,
  consume: nothing,
  destroy: nothing,
  revokeByGrantId: nothing,
};

/** Nobody stays signed in here: every request is proven anew, so that one code opens one application. */
const sessions: Adapter = { ...clients, find: nothing };

function keepIn(model: string): Adapter {
  const signInOf = (id: string, payload: AdapterPayload) =>
    model === "Grant" ? id : model === "Interaction" ? null : (payload.grantId ?? null);
  const end = async (signInId: string) => {
    const because: SignInEnd = Provider.ctx?.oidc.route === "revocation" ? "asked" : "replayed";
    await endSignIn(contextOfRequest(), { signInId, because });
  };
  return {
    find: async (id) => readEntry(model, id),
    findByUid: nothing,
    findByUserCode: nothing,
    upsert: async (id, payload, seconds) => {
      const isNewRequest = model === "Interaction" && payload.result === undefined;
      if (isNewRequest && !(await admit(contextOfRequest(), "request")).ok)
        throw new errors.TemporarilyUnavailable("too many requests come from this network");
      const { jti: _, ...rest } = payload;
      await keepEntry(model, id, { ...rest, jti: id }, seconds ?? 0, signInOf(id, payload));
    },
    consume: async (id) => {
      if (await consumeEntry(model, id)) return;
      const used = await readEntry(model, id);
      if (typeof used?.grantId === "string") await end(used.grantId);
      throw new errors.InvalidGrant("already consumed");
    },
    destroy: async (id) => (model === "Grant" ? end(id) : dropEntry(model, id)),
    revokeByGrantId: nothing,
  };
}

/** What the provider remembers, by the name of its model. */
export function openAdapter(model: string): Adapter {
  if (model === "Client") return clients;
  return model === "Session" ? sessions : keepIn(model);
}
