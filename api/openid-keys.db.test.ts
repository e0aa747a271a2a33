import { X509Certificate } from "node:crypto";
import { decodeProtectedHeader, type JWK } from "jose";
import { expect, test } from "vitest";
import { rotateOpenidKey } from "@/lib/openid/signing-keys";
import { sweepOpenid } from "@/lib/openid/sweep";
import { type Context, systemContext } from "@/lib/platform/context";
import { openTestDatabase } from "@/tools/testing/database";
import { openIssuer } from "@/tools/testing/openid";
import { openSignIns } from "@/tools/testing/openid-sign-in";

const db = openTestDatabase();
const issuer = openIssuer();
const { signIn } = openSignIns(db.sql, issuer);

const operator: Context = {
  actor: { kind: "operator", name: "rotate-openid-key" },
  requestId: "test-operator",
  sourceIp: null,
  userAgent: null,
};

test("a new key is published long before it signs, and the old one long after", async () => {
  const { config } = await signIn();
  const keysOf = async () =>
    ((await (await fetch(config.serverMetadata().jwks_uri ?? "")).json()) as { keys: JWK[] }).keys;
  const [before] = await keysOf();
  expect(before).toMatchObject({ kty: "RSA", alg: "RS256", use: "sig" });
  expect(before).not.toHaveProperty("d");
  const certificate = new X509Certificate(Buffer.from(before?.x5c?.[0] ?? "", "base64"));
  expect(certificate.publicKey.export({ format: "jwk" })).toMatchObject({ n: before?.n, e: before?.e });

  const rotated = await rotateOpenidKey(operator, { isCompromised: false });
  expect((await keysOf()).map(({ kid }) => kid)).toEqual([before?.kid, rotated.id]);
  expect(decodeProtectedHeader((await signIn()).tokens.id_token ?? "").kid).toBe(before?.kid);

  await db.sql`update openid_key set created_at = created_at - interval '49 hours'`;
  expect(decodeProtectedHeader((await signIn()).tokens.id_token ?? "").kid).toBe(rotated.id);
  expect((await keysOf()).map(({ kid }) => kid)).toEqual([rotated.id, before?.kid]);

  await db.sql`update openid_key set created_at = created_at - interval '25 hours'`;
  await sweepOpenid(systemContext("sweep", "test-sweep"));
  expect((await keysOf()).map(({ kid }) => kid)).toEqual([rotated.id]);
});

test("a key that somebody else has is gone with the command, and the next one signs at once", async () => {
  const { id } = await rotateOpenidKey(operator, { isCompromised: true });
  expect(decodeProtectedHeader((await signIn()).tokens.id_token ?? "").kid).toBe(id);
  expect(await db.sql`select id from openid_key`).toEqual([{ id }]);
});
