import * as rp from "openid-client";
import type postgres from "postgres";
import { insertPerson, issueCode } from "./issuing";
import {
  type BegunFlow,
  discover,
  makeApplication,
  proveAtOtp,
  signInBy,
  type TestApplication,
  type TestBrowser,
} from "./openid";
import { loginOf } from "./rows";

/** Somebody with an access code that is live for an hour. */
export interface CodeHolder {
  userId: string;
  login: string;
  grantId: string;
  text: string;
}

/** Somebody signed in at an application, as far as tokens. */
export interface SignedIn extends BegunFlow {
  application: TestApplication;
  config: rp.Configuration;
  user: CodeHolder;
  tokens: Awaited<ReturnType<typeof rp.authorizationCodeGrant>>;
}

/** What asks for a refresh token. */
export const offline = { scope: "openid offline_access", prompt: "consent" };

/** Proves somebody by their code, at `/otp`. */
export const provenBy =
  ({ login, text }: Pick<CodeHolder, "login" | "text">) =>
  (browser: TestBrowser, otpUrl: string): Promise<string> =>
    proveAtOtp(browser, otpUrl, login, text);

/** Whether what the application was given still opens anything. */
export const isActive = async ({ config, tokens }: SignedIn): Promise<boolean> =>
  (await rp.tokenIntrospection(config, tokens.access_token)).active;

/** Brings in people who can sign in at this issuer's applications. */
export function openSignIns(
  sql: postgres.Sql,
  issuer: { readonly url: string },
): {
  makeUser(overrides?: object): Promise<CodeHolder>;
  signIn(parameters?: Record<string, string>): Promise<SignedIn>;
} {
  async function makeUser(overrides: object = {}): Promise<CodeHolder> {
    const userId = await insertPerson(sql, overrides);
    const { grantId, text } = await issueCode(userId, { windowSeconds: 3600 });
    return { userId, grantId, text, login: await loginOf(sql, userId) };
  }
  return {
    makeUser,
    async signIn(parameters = {}) {
      const application = await makeApplication();
      const config = await discover(issuer.url, application);
      const user = await makeUser();
      const { callback, checks } = await signInBy(config, application, provenBy(user), parameters);
      const tokens = await rp.authorizationCodeGrant(config, callback, checks);
      return { application, config, user, tokens, callback, checks };
    },
  };
}
