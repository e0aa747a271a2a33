import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NextRequest } from "next/server";
import Provider from "oidc-provider";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { forgetConfig } from "@/lib/platform/config";
import { openTestDatabase, staffContext } from "@/tools/testing/database";
import { addStaff, enteringContext, openTestSession } from "@/tools/testing/staff";
import { authHandlers } from "./auth";
import { toStaffContext } from "./live-session";
import { beginPasskeyRegistration } from "./passkey";
import { resetSecondFactor } from "./recover";
import { findSessionToken } from "./session-cookie";
import { beginTotp } from "./totp";

/** Who signs in at the provider next, and how. */
let person = { sub: "", email: "", verified: true, amr: ["pwd", "otp", "mfa"] as string[] };

const BASE_URL = "http://localhost:3000";
const db = openTestDatabase({
  BASE_URL,
  OIDC_CLIENT_ID: "sparekey",
  OIDC_CLIENT_SECRET: "a secret of the two",
});
let server: Server;

beforeAll(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "sparekey",
        client_secret: "a secret of the two",
        redirect_uris: [`${BASE_URL}/api/auth/callback/oidc`],
      },
    ],
    claims: { openid: ["sub", "amr", "acr"], email: ["email", "email_verified"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, sub) => ({
      accountId: sub,
      claims: () => ({ sub, email: person.email, email_verified: person.verified }),
    }),
    ttl: { Session: 60, Interaction: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
    cookies: { keys: ["for this test alone"] },
  });
  const handle = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url?.startsWith("/interaction/")) return handle(request, response);
    const details = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: person.sub, clientId: "sparekey" });
    grant.addOIDCScope("openid email profile");
    await provider.interactionFinished(
      request,
      response,
      details.prompt.name === "login"
        ? { login: { accountId: person.sub, amr: person.amr } }
        : { consent: { grantId: await grant.save() } },
    );
  });
  process.env.OIDC_ISSUER = issuer;
  forgetConfig();
});

afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

/** A browser as far as it matters here: it keeps cookies, and stops where it is sent to another page of ours. */
class Browser {
  private readonly jar = new Map<string, string>();

  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  keep(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const [name = "", ...value] = pair.split("=");
      this.jar.set(name, value.join("="));
    }
    return response;
  }

  async ours(path: string, form?: Record<string, string>): Promise<Response> {
    const request = new NextRequest(new URL(path, BASE_URL), {
      headers: { cookie: this.cookie, host: "localhost:3000" },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    return this.keep(await authHandlers[form === undefined ? "GET" : "POST"](request));
  }

  /** Signs in at the provider, and answers where that leads. */
  async signIn(): Promise<string> {
    const { csrfToken } = (await (await this.ours("/api/auth/csrf")).json()) as { csrfToken: string };
    const begun = await this.ours("/api/auth/signin/oidc", { csrfToken, callbackUrl: "/users" });
    let next = begun.headers.get("location") ?? "";
    for (let hop = 0; hop < 10 && !next.startsWith(BASE_URL); hop += 1) {
      const response = this.keep(await fetch(next, { redirect: "manual", headers: { cookie: this.cookie } }));
      next = new URL(response.headers.get("location") ?? "/nowhere", next).href;
    }
    const { pathname, search } = new URL(next);
    const back = await this.ours(`${pathname}${search}`);
    return new URL(back.headers.get("location") ?? "/nowhere", BASE_URL).href.slice(BASE_URL.length);
  }

  async session() {
    const token = await findSessionToken(new Headers({ cookie: this.cookie }));
    return token === undefined ? undefined : enteringContext(token);
  }
}

beforeEach(() => {
  person = {
    sub: `subject-${Math.random()}`,
    email: "",
    verified: true,
    amr: ["pwd", "otp", "mfa"],
  };
});

test("staff whom the provider knows by a verified e-mail come in, and its second factor counts", async () => {
  const { staffId, email } = await addStaff("security");
  person.email = email.toUpperCase();
  const browser = new Browser();
  await expect(browser.signIn()).resolves.toBe("/users");
  const ctx = await browser.session();
  if (ctx === undefined) throw new Error("no session");
  expect(ctx.session).toMatchObject({ staffId, secondFactorMethod: "oidc" });
  expect(toStaffContext(ctx.session, ctx)?.actor).toMatchObject({ role: "security" });
  const [row] = await db.sql`select oidc_subject from staff where id = ${staffId}`;
  expect(row?.oidc_subject).toBe(person.sub);
});

test("from then on they are known by issuer and subject, whatever their e-mail becomes", async () => {
  const { staffId, email } = await addStaff();
  person.email = email;
  await new Browser().signIn();
  person.email = "renamed@elsewhere.test";
  const browser = new Browser();
  await expect(browser.signIn()).resolves.toBe("/users");
  expect((await browser.session())?.session.staffId).toBe(staffId);
});

test("a password alone at the provider is one factor: ours is asked for", async () => {
  const { email } = await addStaff();
  person.email = email;
  person.amr = ["pwd"];
  const browser = new Browser();
  await browser.signIn();
  const ctx = await browser.session();
  expect(ctx?.session.secondFactorAt).toBeNull();
});

test.each([
  ["an e-mail that nobody of the staff has", async () => "nobody@sparekey.test", true],
  ["an e-mail that the provider has not verified", async () => (await addStaff("owner")).email, false],
  [
    "somebody disabled",
    async () => {
      const { staffId, email } = await addStaff();
      await db.sql`update staff set disabled_at = now() where id = ${staffId}`;
      return email;
    },
    true,
  ],
  [
    "an e-mail whose owner is known under another subject",
    async () => {
      const { staffId, email } = await addStaff();
      await db.sql`update staff set oidc_issuer = 'https://id.test', oidc_subject = 'theirs' where id = ${staffId}`;
      return email;
    },
    true,
  ],
])("nobody comes in by %s, and nobody is made", async (_name, makeEmail, verified) => {
  person.email = await makeEmail();
  person.verified = verified;
  const [before] = await db.sql`select count(*)::int as n from staff`;
  const browser = new Browser();
  await expect(browser.signIn()).resolves.toBe("/signin?refused=oidc");
  await expect(browser.session()).resolves.toBeUndefined();
  const [after] = await db.sql`select count(*)::int as n from staff`;
  expect(after?.n).toBe(before?.n);
});

test("an answer of the provider is good in the browser that asked, once", async () => {
  const { email } = await addStaff();
  person.email = email;
  const browser = new Browser();
  const { csrfToken } = (await (await browser.ours("/api/auth/csrf")).json()) as { csrfToken: string };
  await browser.ours("/api/auth/signin/oidc", { csrfToken, callbackUrl: "/users" });
  const stranger = new Browser();
  const back = await stranger.ours("/api/auth/callback/oidc?code=stolen&state=guessed");
  expect(back.headers.get("location")).toContain("/signin?error=");
  await expect(stranger.session()).resolves.toBeUndefined();
});

test("a stolen password enrols no second factor beside the provider's, until an owner has reset it", async () => {
  const { staffId, email } = await addStaff("security");
  person.email = email;
  await new Browser().signIn();
  const { ctx } = await openTestSession(staffId, null);
  await expect(beginTotp(ctx)).resolves.toMatchObject({ reason: "step_up_needed" });
  await expect(beginPasskeyRegistration(ctx)).resolves.toMatchObject({ reason: "step_up_needed" });
  await resetSecondFactor(staffContext("owner"), { staffId });
  const { ctx: after } = await openTestSession(staffId, null);
  await expect(beginTotp(after)).resolves.toMatchObject({ ok: true });
});

test("a password alone enrols no factor for who showed one at the provider, long after the session is forgotten", async () => {
  const { staffId } = await addStaff("owner");
  await openTestSession(staffId, "oidc");
  await db.sql`delete from staff_session where staff_id = ${staffId}`;
  const alone = await openTestSession(staffId, null);
  expect(await beginTotp(alone.ctx)).toMatchObject({ ok: false, reason: "step_up_needed" });
});
