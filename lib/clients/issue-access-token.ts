import "server-only";
import { recordEvent } from "@/lib/audit/record";
import type { Context } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import { inTransaction } from "@/lib/platform/transaction";
import { isOauthScope, type OauthScope } from "@/lib/staff/scopes";
import { signAccessToken } from "./access-token";
import { type AssertionRefusal, verifyAssertion } from "./assertion";
import { insertAssertion } from "./assertion-store";
import { type AuthenticatedClient, accessTokenSeconds, toActor } from "./model";
import { thumbprintOf } from "./public-key";
import { recordRefusedClient } from "./refused";

/** What the token endpoint was asked. All of it is untrusted. */
export interface IssueAccessTokenInput {
  assertion: string;
  clientId: string | undefined;
  /** Words with blanks between; undefined: all that the client is allowed. */
  scope: string | undefined;
}

/** A token just signed, or why there is none. `scope`: nothing that the client is allowed was asked for. */
export type IssueAccessTokenResult =
  | Success<{ accessToken: string; expiresInSeconds: number; scopes: OauthScope[] }>
  | Refusal<AssertionRefusal | "replayed" | "scope">
  | Refusal<"too_many">;

/**
 * Issues an access token to a client that proves itself by an assertion (`private_key_jwt`).
 *
 * An assertion is good once: its `jti` is remembered by one conditional statement, so that of any number of copies at once, at any
 * number of instances, one counts. Scopes that nobody knows, or that the client isn't allowed, are left out.
 *
 * @param origin where the call came from; its actor is nobody yet.
 * @param admit whether the client that proved itself may call now; a no is `too_many`, and costs the assertion nothing.
 * Refuses as `verifyAssertion`; `scope`; `replayed`; `too_many`.
 * Records `client.token-issued` with the scopes, or `client.refused`; nothing for `too_many`.
 * @see rest, 1 "Who calls"; RFC 6749, 4.4; RFC 7523, 2.2
 */
export async function issueAccessToken(
  origin: Context,
  input: IssueAccessTokenInput,
  admit: (client: AuthenticatedClient) => Promise<boolean> = async () => true,
): Promise<IssueAccessTokenResult> {
  const now = new Date();
  const proven = await verifyAssertion(input.assertion, input.clientId, now);
  if (!proven.ok) return recordRefusedClient(origin, "oauth", refuse(proven.reason), proven.client?.id);
  const { client, accessId, jti, exp } = proven;
  if (!(await admit(client))) return refuse("too_many");
  const scopes = selectScopes(client, input.scope);
  if (scopes.length === 0) return recordRefusedClient(origin, "oauth", refuse("scope"), client.id);
  const isFirst = await inTransaction(async (tx) => {
    if (!(await insertAssertion(tx, { clientId: client.id, jti, expSeconds: exp }))) return false;
    await recordEvent(
      tx,
      { ...origin, actor: toActor(client) },
      {
        kind: "client.token-issued",
        outcome: "ok",
        target: { kind: "client", id: client.id },
        details: { scopes: scopes.join(" ") },
      },
    );
    return true;
  });
  if (!isFirst) return recordRefusedClient(origin, "oauth", refuse("replayed"), client.id);
  const accessToken = await signAccessToken({ sub: accessId, scopes, key: await thumbprintOf(client) }, now);
  return { ok: true, accessToken, expiresInSeconds: accessTokenSeconds, scopes };
}

function selectScopes({ scopes: allowed }: AuthenticatedClient, asked: string | undefined): OauthScope[] {
  const known = allowed.filter(isOauthScope);
  if (asked === undefined || asked.trim() === "") return known;
  const words = new Set(asked.split(/\s+/));
  return known.filter((scope) => words.has(scope));
}
