import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { FastifyInstance } from "fastify";
import * as rp from "openid-client";
import { afterAll, beforeAll, beforeEach } from "vitest";
import { buildApp } from "@/api/app";
import { beginAttempt } from "@/lib/authn/begin";
import { attemptCookieName } from "@/lib/authn/browser";
import { beginAttemptInput } from "@/lib/authn/input";
import type { AttemptHolder, AttemptMethod } from "@/lib/authn/model";
import { proveAttempt } from "@/lib/authn/prove";
import { createClient } from "@/lib/clients/create";
import { forgetConfig } from "@/lib/platform/config";
import { publicContext, staffContext } from "./database";

/**
 * Our doors at the address that we call ourselves by, as a relying party must find them. Each test asks from a network of its own: all
 * of them together ask more in a second than one network may. Call after `openTestDatabase`.
 */
export function openIssuer(): { readonly url: string } {
  let app: FastifyInstance | undefined;
  let url = "";
  let network = 0;
  beforeEach(() => {
    network += 1;
  });
  beforeAll(async () => {
    process.env.SPAREKEY_TRUST_PROXY = "loopback";
    forgetConfig();
    app = await buildApp((_request, response) => response.writeHead(404).end());
    app.server.prependListener("request", ({ headers }: IncomingMessage) => {
      headers["x-forwarded-for"] = `198.18.${network >> 8}.${network & 255}`;
    });
    await app.listen({ host: "localhost", port: 0 });
    url = `http://localhost:${(app.server.address() as AddressInfo).port}`;
    process.env.BASE_URL = url;
    forgetConfig();
  });
  afterAll(async () => {
    await app?.close();
  });
  return {
    get url() {
      return url;
    },
  };
}

/** An application with what it goes by. */
export interface TestApplication {
  id: string;
  clientId: string;
  secret: string;
  redirectUri: string;
}

/** Makes an application that signs people in here. */
export async function makeApplication(
  redirectUri = "http://localhost:3999/callback",
  callsPerSecond = 1000,
): Promise<TestApplication> {
  const made = await createClient(staffContext("owner"), {
    kind: "openid",
    name: "Intranet",
    redirectUris: [redirectUri],
    callsPerSecond,
  });
  if (!made.ok || made.kind !== "openid") throw new Error("no application");
  const { client_id, client_secret } = made.clientFile;
  return { id: made.client.id, clientId: client_id, secret: client_secret, redirectUri };
}

/** What a browser was answered. */
export interface BrowserAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  page: string;
}

async function send(
  url: string,
  headers: Record<string, string>,
  form: Record<string, string> | undefined,
): Promise<BrowserAnswer> {
  const body = form === undefined ? "" : new URLSearchParams(form).toString();
  const type = form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
  const asked = request(url, {
    method: form === undefined ? "GET" : "POST",
    headers: { ...headers, ...type },
  });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, page: await text(answer) };
}

interface Cookie {
  name: string;
  value: string;
  path: string;
}

/** A browser as far as it matters here: it keeps cookies by their paths, and goes nowhere by itself. */
export class TestBrowser {
  readonly #jar = new Map<string, Cookie>();

  set(name: string, value: string, path = "/"): void {
    this.#jar.set(`${name};${path}`, { name, value, path });
  }

  /** Sets its cookies of this name in another browser, as a sibling host can. */
  plant(victim: TestBrowser, name: string): void {
    for (const cookie of this.#jar.values())
      if (cookie.name.replace(".sig", "") === name) victim.set(cookie.name, cookie.value, cookie.path);
  }

  async go(url: string, form?: Record<string, string>): Promise<BrowserAnswer> {
    const { pathname } = new URL(url);
    const cookie = [...this.#jar.values()]
      .filter(({ path }) => pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join("; ");
    const answer = await send(url, { accept: "text/html", "sec-fetch-mode": "navigate", cookie }, form);
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [pair = "", ...attributes] = line.split("; ");
      const at = pair.indexOf("=");
      const path = attributes.find((text) => text.toLowerCase().startsWith("path="))?.slice(5) ?? "/";
      this.set(pair.slice(0, at), pair.slice(at + 1), path);
    }
    return answer;
  }

  /** Goes where the answer leads, as often as it does; answers the first address outside of the door, or the page. */
  async follow(url: string, form?: Record<string, string>): Promise<BrowserAnswer & { url: string }> {
    const { origin } = new URL(url);
    let answer = await this.go(url, form);
    for (let at = url, hop = 0; hop < 10; hop += 1) {
      const next = answer.headers.location ?? answer.headers.refresh?.toString().replace(/^0;url=/, "");
      if (next === undefined) return { ...answer, url: at };
      at = new URL(next, at).href;
      if (!at.startsWith(`${origin}/oidc/`)) return { ...answer, url: at };
      answer = await this.go(at);
    }
    throw new Error("it leads in circles");
  }
}

type BrowserHolder = Extract<AttemptHolder, { kind: "browser" }>;

/** Proves somebody at `/otp` as the page does, and answers where it leads from there. */
export async function proveAtOtp(
  browser: TestBrowser,
  otpUrl: string,
  login: string,
  value: string | ((attemptId: string, holder: BrowserHolder) => Promise<string>),
  method: AttemptMethod = "access_code",
): Promise<string> {
  const application = new URL(otpUrl).searchParams.get("app");
  const ctx = publicContext();
  const begun = await beginAttempt(
    ctx,
    beginAttemptInput.parse({ door: "otp_page", subjectName: login, application }),
  );
  const secret = begun.secret ?? "";
  const { attemptId } = begun;
  const holder: BrowserHolder = { kind: "browser", secret };
  browser.set(attemptCookieName(attemptId, otpUrl), secret);
  const proved = await proveAttempt(ctx, {
    attemptId,
    holder,
    method,
    value: typeof value === "string" ? value : await value(attemptId, holder),
  });
  if (!proved.ok) throw new Error(`not proven: ${proved.reason}`);
  return new URL(`/oidc/interaction/${application}?attempt=${attemptId}`, otpUrl).href;
}

/** The relying party's side of an application, by a library that nobody here wrote. */
export async function discover(
  url: string,
  { clientId, secret }: TestApplication,
): Promise<rp.Configuration> {
  return rp.discovery(new URL(`${url}/oidc`), clientId, secret, undefined, {
    execute: [rp.allowInsecureRequests],
  });
}

/** A code flow as far as the application's own address, with what the application must remember. */
export interface BegunFlow {
  callback: URL;
  checks: rp.AuthorizationCodeGrantChecks;
}

/** Has somebody sign in at an application, by the whole way. */
export async function signInBy(
  config: rp.Configuration,
  application: TestApplication,
  prove: (browser: TestBrowser, otpUrl: string) => Promise<string>,
  parameters: Record<string, string> = {},
): Promise<BegunFlow> {
  const browser = new TestBrowser();
  const verifier = rp.randomPKCECodeVerifier();
  const checks = {
    pkceCodeVerifier: verifier,
    expectedState: rp.randomState(),
    expectedNonce: rp.randomNonce(),
  };
  const asked = rp.buildAuthorizationUrl(config, {
    redirect_uri: application.redirectUri,
    scope: "openid profile email",
    code_challenge: await rp.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    ...parameters,
  });
  const { url: otpUrl } = await browser.follow(asked.href);
  const back = await browser.follow(await prove(browser, otpUrl));
  return { callback: new URL(back.url), checks };
}

/** The address at which a well-behaved application begins; `parameters` in place of the right ones, null takes one away. */
export async function authorizationUrl(
  config: rp.Configuration,
  application: TestApplication,
  parameters: Record<string, string | null> = {},
): Promise<string> {
  const url = rp.buildAuthorizationUrl(config, {
    redirect_uri: application.redirectUri,
    scope: "openid",
    code_challenge: await rp.calculatePKCECodeChallenge(rp.randomPKCECodeVerifier()),
    code_challenge_method: "S256",
    state: "a state",
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return url.href;
}
