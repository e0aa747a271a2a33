import { createPrivateKey } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { SignJWT } from "jose";
import { afterAll, expect, test } from "vitest";
import { authenticateLegacyKey } from "@/lib/clients/authenticate-legacy-key";
import { authenticateClientKey, authenticateScimToken } from "@/lib/clients/authenticate-secret";
import { findOpenidClient } from "@/lib/clients/find-openid-client";
import { issueAccessToken } from "@/lib/clients/issue-access-token";
import type { KeyFile } from "@/lib/clients/model";
import { digest } from "@/lib/platform/keys";
import { oauthScopes } from "@/lib/staff/scopes";
import { openTestDatabase, publicContext } from "@/tools/testing/database";
import { signLegacyToken } from "@/tools/testing/legacy-key";
import { testIssuer } from "@/tools/testing/oauth";
import { seedDemoClients } from "./clients";

const db = openTestDatabase();
const folder = mkdtempSync("/tmp/sparekey-clients-");
afterAll(() => rmSync(folder, { recursive: true }));

const read = (file: string) => readFileSync(path.join(folder, file), "utf8");

test("the demo's callers can call with what lies in the folder, and a restart leaves it as it is", async () => {
  await seedDemoClients(folder);
  const files = readdirSync(folder).sort();
  expect(files).toEqual([
    "admin-api.key.json",
    "authn-client-key.txt",
    "helpdesk-api.key.json",
    "oauth-client.jwk.json",
    "oidc-client.json",
    "scim-token.txt",
  ]);
  for (const file of files) expect(statSync(path.join(folder, file)).mode & 0o777).toBe(0o600);

  for (const role of ["integration", "helpdesk"] as const) {
    const file: KeyFile = JSON.parse(
      read(role === "helpdesk" ? "helpdesk-api.key.json" : "admin-api.key.json"),
    );
    const token = await signLegacyToken(file);
    expect(await authenticateLegacyKey(publicContext(), token)).toMatchObject({ ok: true, client: { role } });
  }
  expect(await authenticateClientKey(publicContext(), read("authn-client-key.txt").trim())).toMatchObject({
    ok: true,
  });
  expect(await authenticateScimToken(publicContext(), read("scim-token.txt").trim())).toMatchObject({
    ok: true,
  });
  const jwk = JSON.parse(read("oauth-client.jwk.json"));
  expect(jwk).toMatchObject({
    kty: "EC",
    kid: expect.any(String),
    client_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  const { client_id: clientId, ...key } = jwk;
  const assertion = await new SignJWT({ jti: "once" })
    .setProtectedHeader({ alg: "ES256", kid: jwk.kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(testIssuer)
    .setExpirationTime("5m")
    .sign(createPrivateKey({ key, format: "jwk" }));
  expect(await issueAccessToken(publicContext(), { assertion, clientId, scope: undefined })).toMatchObject({
    ok: true,
    scopes: oauthScopes,
  });

  const application = JSON.parse(read("oidc-client.json"));
  expect(application).toMatchObject({ redirect_uris: ["http://localhost:3999/callback"] });
  expect(await findOpenidClient(application.client_id)).toMatchObject({
    secretDigest: Buffer.from(digest(application.client_secret)),
  });

  const before = files.map(read);
  await seedDemoClients(folder);
  expect(files.map(read)).toEqual(before);
  const slowest = await db.sql`select min(calls_per_second) as rate from client where ended_at is null`;
  expect(slowest[0]?.rate).toBeGreaterThanOrEqual(50);
});

test("a lost file is made anew with its client, and the client before it ended", async () => {
  rmSync(path.join(folder, "authn-client-key.txt"));
  await seedDemoClients(folder);
  expect(await authenticateClientKey(publicContext(), read("authn-client-key.txt").trim())).toMatchObject({
    ok: true,
  });
  const rows =
    await db.sql`select ended_at is null as live from client where kind = 'client_key' order by created_at`;
  expect(rows.map((row) => row.live)).toEqual([false, true]);
});
