import * as rp from "openid-client";
import { expect, test } from "vitest";
import { endClient } from "@/lib/clients/end";
import { endEmergencyAccess, revokeGrant } from "@/lib/grants/revoke";
import { setUserStatus } from "@/lib/grants/set-user-status";
import { sweepOpenid } from "@/lib/openid/sweep";
import { systemContext } from "@/lib/platform/context";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { issueCode } from "@/tools/testing/issuing";
import { discover, makeApplication, openIssuer, signInBy } from "@/tools/testing/openid";
import { isActive, offline, openSignIns, provenBy, type SignedIn } from "@/tools/testing/openid-sign-in";

const db = openTestDatabase();
const issuer = openIssuer();
const { makeUser, signIn } = openSignIns(db.sql, issuer);

test.each<[string, (signedIn: SignedIn) => Promise<unknown>]>([
  [
    "its spent grant is revoked",
    ({ user }) => revokeGrant(staffContext(), { grantId: user.grantId, reason: "suspicious" }),
  ],
  [
    "all access of the user is ended",
    ({ user }) => endEmergencyAccess(staffContext(), { userId: user.userId, reason: "found" }),
  ],
  [
    "the user is disabled",
    ({ user }) => setUserStatus(staffContext("security"), { userId: user.userId, isDisabled: true }),
  ],
  [
    "the application is ended",
    ({ application }) => endClient(staffContext("owner"), { clientId: application.id }),
  ],
  [
    "the grant's window closes",
    ({ user }) =>
      db.sql`update openid_sign_in set expires_at = now() - interval '1 millisecond' where user_id = ${user.userId}`,
  ],
])("what a grant opened ends at once when %s: tokens of every kind", async (_, end) => {
  const signedIn = await signIn(offline);
  const { config, tokens, user } = signedIn;
  expect(await isActive(signedIn)).toBe(true);
  await end(signedIn);
  await expect(rp.fetchUserInfo(config, tokens.access_token, user.userId)).rejects.toMatchObject({
    status: 401,
  });
  const refreshed = rp.refreshTokenGrant(config, tokens.refresh_token as string);
  await expect(refreshed).rejects.toMatchObject({ status: expect.toBeOneOf([400, 401]) });
  const other = await discover(issuer.url, await makeApplication());
  expect((await rp.tokenIntrospection(other, tokens.access_token)).active).toBe(false);
});

test("whoever is enabled again has to be proven again", async () => {
  const signedIn = await signIn();
  for (const isDisabled of [true, false])
    await setUserStatus(staffContext("security"), { userId: signedIn.user.userId, isDisabled });
  expect(await isActive(signedIn)).toBe(false);
});

test("no token outlives the grant that opened it", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const user = await makeUser();
  const { text } = await issueCode(user.userId, { windowSeconds: 60 });
  const { callback, checks } = await signInBy(config, application, provenBy({ ...user, text }), offline);
  const tokens = await rp.authorizationCodeGrant(config, callback, checks);
  expect(tokens.expires_in).toBeLessThanOrEqual(60);
  const claims = tokens.claims();
  expect((claims?.exp ?? 0) - (claims?.iat ?? 0)).toBeLessThanOrEqual(60);
  const [kept] = await db.sql`select max(e.expires_at) <= g.expires_at + interval '1 second' as within
    from openid_entry e join openid_sign_in s on s.id = e.sign_in_id join grants g on g.id = s.grant_id
    where s.user_id = ${user.userId} group by g.expires_at`;
  expect(kept).toEqual({ within: true });
});

test("replay: a code that comes a second time opens nothing, and closes what it opened", async () => {
  const signedIn = await signIn();
  const { config, callback, checks, user } = signedIn;
  await expect(rp.authorizationCodeGrant(config, callback, checks)).rejects.toMatchObject({
    error: "invalid_grant",
  });
  expect(await isActive(signedIn)).toBe(false);
  expect(
    await db.sql`select reason from audit_event where kind = 'openid.ended' and user_id = ${user.userId}`,
  ).toEqual([{ reason: "replayed" }]);
});

test("code-twice: of ten who bring the same code at once not two get tokens that live", async () => {
  const application = await makeApplication();
  const config = await discover(issuer.url, application);
  const { callback, checks } = await signInBy(config, application, provenBy(await makeUser()));
  const brought = await Promise.allSettled(
    Array.from({ length: 10 }, () => rp.authorizationCodeGrant(config, callback, checks)),
  );
  const given = brought.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  expect(given.length).toBeLessThanOrEqual(1);
  for (const { access_token } of given)
    expect((await rp.tokenIntrospection(config, access_token)).active).toBe(false);
});

test("a refresh token is good once, and gives no more time than there was", async () => {
  const { config, tokens, user } = await signIn(offline);
  const first = tokens.refresh_token as string;
  const fresh = await rp.refreshTokenGrant(config, first);
  expect(fresh.refresh_token).not.toBe(first);
  expect(fresh.claims()).toMatchObject({
    sub: user.userId,
    amr: ["otp"],
    auth_time: tokens.claims()?.auth_time,
  });
  await expect(rp.refreshTokenGrant(config, first)).rejects.toMatchObject({ error: "invalid_grant" });
  expect((await rp.tokenIntrospection(config, fresh.access_token)).active).toBe(false);
});

test("an application gives back what it was given, by any token of it", async () => {
  const signedIn = await signIn(offline);
  await rp.tokenRevocation(signedIn.config, signedIn.tokens.access_token);
  expect(await isActive(signedIn)).toBe(false);
  await expect(
    rp.refreshTokenGrant(signedIn.config, signedIn.tokens.refresh_token as string),
  ).rejects.toMatchObject({ error: "invalid_grant" });
});

test("one application can neither read nor give back what another was given", async () => {
  const signedIn = await signIn();
  const other = await discover(issuer.url, await makeApplication());
  expect((await rp.tokenIntrospection(other, signedIn.tokens.access_token)).active).toBe(false);
  await rp.tokenRevocation(other, signedIn.tokens.access_token);
  expect(await isActive(signedIn)).toBe(true);
  await expect(rp.authorizationCodeGrant(other, signedIn.callback, signedIn.checks)).rejects.toMatchObject({
    error: "invalid_grant",
  });
});

test.each(["wrong", "", "\0"])("the secret %j opens nothing", async (secret) => {
  const application = await makeApplication();
  const config = await discover(issuer.url, { ...application, secret });
  const begun = rp.tokenIntrospection(config, "a token");
  await expect(begun).rejects.toThrow();
});

test("nothing that opens anything lies in the database as it is, nor a request's number", async () => {
  const { tokens, callback } = await signIn(offline);
  const secrets = [tokens.access_token, tokens.refresh_token, callback.searchParams.get("code")];
  const rows = await db.sql`select payload, encode(id_digest, 'escape') as id from openid_entry`;
  const dump = JSON.stringify(rows);
  for (const secret of secrets) expect(dump).not.toContain(secret as string);
});

test("the sweep forgets what is over, and nothing else", async () => {
  const signedIn = await signIn();
  await db.sql`update openid_entry set expires_at = now() - interval '1 second' where model = 'AuthorizationCode'`;
  await db.sql`update openid_sign_in set expires_at = now() - interval '2 days' where user_id <> ${signedIn.user.userId}`;
  await sweepOpenid(systemContext("sweep", "test-sweep"));
  expect(await db.sql`select 1 from openid_entry where model = 'AuthorizationCode'`).toHaveLength(0);
  expect(await db.sql`select user_id from openid_sign_in`).toEqual([{ user_id: signedIn.user.userId }]);
  expect(await isActive(signedIn)).toBe(true);
});
