import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, importX509, type JWK, jwtVerify, SignJWT } from "jose";
import { afterAll, beforeAll } from "vitest";
import { createClient } from "@/lib/clients/create";
import { makeKeyPair } from "@/lib/platform/key-pair";
import { staffContext } from "./database";
import { TestBrowser } from "./openid";

type Keys = Awaited<ReturnType<typeof makeKeyPair>>;

/** What a hint says, or how it is signed, where it isn't what it should be; undefined takes a claim away. */
export interface Lies {
  claims?: Record<string, unknown>;
  alg?: string;
  kid?: string;
  key?: CryptoKey | Uint8Array;
}

/** Somebody who has shown a first factor to Entra. */
export interface EntraUser {
  sub: string;
  oid: string;
  preferred_username: string;
}

/**
 * Microsoft Entra as its public description has it, as far as an external authentication method meets it: it says who it is and by which keys
 * it signs, asks by a form with a hint that is over already, and takes an answer only where all of it is right.
 */
export class EntraStandIn {
  readonly tenantId = randomUUID();
  readonly appId = randomUUID();
  clientId = "";
  /** How often it was asked for its keys. */
  keysAsked = 0;
  /** Takes the place of what it says of itself where it is set. */
  says: ((base: string) => object) | undefined;
  isAway = false;
  #keys: Keys | undefined;
  #jwk: JWK = {};
  readonly #server = createServer((request, response) => {
    if (this.isAway) {
      response.destroy();
      return;
    }
    const answer =
      request.url === "/keys"
        ? { keys: [this.#jwk] }
        : (this.says?.(this.base) ?? { issuer: this.issuer, jwks_uri: `${this.base}/keys` });
    if (request.url === "/keys") this.keysAsked += 1;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });

  get base(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get issuer(): string {
    return `${this.base}/${this.tenantId}/v2.0`;
  }

  get redirectUri(): string {
    return `${this.base.replace("http:", "https:")}/common/federation/externalauthprovider`;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    await this.rollKeys();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Signs by another key from here on. */
  async rollKeys(): Promise<void> {
    this.#keys = await makeKeyPair("rsa");
    this.#jwk = { ...(await exportJWK(this.#keys.publicKey)), kid: randomUUID(), use: "sig" };
  }

  /** Is made known to us as an owner does it. */
  async enrol(): Promise<void> {
    const { tenantId, appId } = this;
    const made = await createClient(staffContext("owner"), {
      kind: "entra",
      name: "Microsoft Entra",
      tenantId,
      appId,
      discoveryUrl: `${this.base}/${tenantId}/v2.0/.well-known/openid-configuration`,
      callsPerSecond: 1000,
    });
    if (!made.ok || made.client.accessId === null) throw new Error("no client for Entra");
    this.clientId = made.client.accessId;
  }

  async signHint(user: EntraUser, { claims = {}, alg = "RS256", kid, key }: Lies = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const said = {
      iss: this.issuer,
      aud: this.appId,
      iat: now,
      nbf: now,
      exp: now,
      tid: this.tenantId,
      ...user,
    };
    const signingKey = key ?? this.#keys?.privateKey;
    if (signingKey === undefined) throw new Error("not started");
    return new SignJWT({ ...said, ...claims })
      .setProtectedHeader({ alg, kid: kid ?? String(this.#jwk.kid), typ: "JWT" })
      .sign(signingKey);
  }

  /** The form that it has the browser send. */
  async ask(
    user: EntraUser,
    { lies, ...fields }: { lies?: Lies } & Record<string, unknown> = {},
  ): Promise<{ form: Record<string, string>; nonce: string; state: string }> {
    const [nonce, state] = [randomUUID(), `a state of ${"many ".repeat(50)}words`];
    const form = {
      scope: "openid",
      response_type: "id_token",
      response_mode: "form_post",
      client_id: this.clientId,
      redirect_uri: this.redirectUri,
      nonce,
      state,
      "client-request-id": randomUUID(),
      claims: JSON.stringify({
        id_token: {
          acr: { essential: true, values: ["possessionorinherence"] },
          amr: {
            essential: true,
            values: [
              "face",
              "fido",
              "fpt",
              "hwk",
              "iris",
              "otp",
              "pop",
              "retina",
              "sc",
              "sms",
              "swk",
              "tel",
              "vbm",
            ],
          },
        },
      }),
      id_token_hint: await this.signHint(user, lies),
      ...(fields as Record<string, string>),
    };
    return { form, nonce, state };
  }

  /**
   * Judges what came back, as strictly as its description says.
   * @returns the way that the user was proven, or the error.
   * @throws where the answer is none that Entra would take.
   */
  async judge(
    page: string,
    asked: { user: EntraUser; nonce: string; state: string },
    issuer: string,
  ): Promise<{ amr: string; acr: string } | { error: string }> {
    const form = parseForm(page);
    if (form.action !== this.redirectUri) throw new Error(`answered at ${form.action}`);
    if (form.fields.state !== asked.state) throw new Error("another state");
    if (form.fields.error !== undefined) return { error: form.fields.error };
    const discovered = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
      issuer: string;
      jwks_uri: string;
      authorization_endpoint: string;
      response_types_supported: string[];
    };
    if (discovered.issuer !== issuer || !discovered.response_types_supported.includes("id_token"))
      throw new Error("what it says of itself doesn't fit");
    const { keys } = (await (await fetch(discovered.jwks_uri)).json()) as { keys: JWK[] };
    const { payload, protectedHeader } = await jwtVerify(
      form.fields.id_token ?? "",
      async ({ kid }) => {
        const jwk = keys.find((each) => each.kid === kid);
        if (jwk?.x5c === undefined) throw new Error("a key without a certificate");
        const pem = `-----BEGIN CERTIFICATE-----\n${jwk.x5c[0]}\n-----END CERTIFICATE-----`;
        return importX509(pem, "RS256");
      },
      { algorithms: ["RS256"], issuer, audience: this.clientId, subject: asked.user.sub },
    );
    if (protectedHeader.kid === undefined) throw new Error("no kid");
    if (payload.nonce !== asked.nonce) throw new Error("another nonce");
    const { amr, acr } = payload;
    if (!Array.isArray(amr) || amr.length !== 1) throw new Error("not one way");
    return { amr: String(amr[0]), acr: String(acr) };
  }
}

/** The form of a page that sends itself. */
function parseForm(page: string): { action: string; fields: Record<string, string> } {
  const toText = (html: string) =>
    html.replace(/&(?:amp|quot|lt|gt|#39);/g, (name) =>
      name === "&amp;" ? "&" : name === "&quot;" ? '"' : name === "&lt;" ? "<" : name === "&gt;" ? ">" : "'",
    );
  const fields: Record<string, string> = {};
  for (const [, name = "", value = ""] of page.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)"/g,
  ))
    fields[name] = toText(value);
  return { action: toText(/<form method="post" action="([^"]*)"/.exec(page)?.[1] ?? ""), fields };
}

/** Starts a stand-in of Entra for this test file. */
export function openEntra(): EntraStandIn {
  const entra = new EntraStandIn();
  beforeAll(async () => {
    await entra.start();
    await entra.enrol();
  });
  afterAll(() => entra.close());
  return entra;
}

/** Has Entra ask about `user`, and answers what it makes of what comes back. */
export async function askByEntra(
  entra: EntraStandIn,
  url: string,
  user: EntraUser,
  prove: (browser: TestBrowser, otpUrl: string) => Promise<string>,
  fields: Parameters<EntraStandIn["ask"]>[1] = {},
): Promise<Awaited<ReturnType<EntraStandIn["judge"]>>> {
  const browser = new TestBrowser();
  const { form, nonce, state } = await entra.ask(user, fields);
  const begun = await browser.follow(`${url}/oidc/auth`, form);
  const led =
    new URL(begun.url).pathname === "/otp" ? await browser.follow(await prove(browser, begun.url)) : begun;
  return entra.judge(led.page, { user, nonce, state }, `${url}/oidc`);
}
