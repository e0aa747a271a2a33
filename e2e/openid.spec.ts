import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, Page } from "@playwright/test";
import { look, lookUp, remember, signIn } from "./desk";
import { awaitDigits, readInbox } from "./phones";
import { expect, product, test } from "./product";
import { issueAccessCode } from "./programs";

const folder = "e2e/application";
let application: ChildProcess | undefined;
let address = "";

/** Has an owner make the application known in the console, as its maker asks for it. */
async function makeClient(page: Page, redirectUri: string): Promise<Record<string, string>> {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("OpenID Connect");
  await dialog.getByLabel("Name").fill("Intranet");
  await dialog.getByLabel(/Redirect addresses/).fill(redirectUri);
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const text = await dialog.getByRole("figure").locator("pre").innerText();
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  const file = JSON.parse(text) as Record<string, string>;
  remember(file.client_secret as string);
  return file;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function startApplication(file: Record<string, string>, port: number): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    ["node_modules/next/dist/bin/next", "dev", folder, "-p", String(port)],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        NODE_ENV: "development",
        NEXT_TELEMETRY_DISABLED: "1",
        AUTH_SECRET: randomBytes(32).toString("hex"),
        AUTH_URL: address,
        AUTH_TRUST_HOST: "true",
        SPAREKEY_ISSUER: file.issuer,
        SPAREKEY_CLIENT_ID: file.client_id,
        SPAREKEY_CLIENT_SECRET: file.client_secret,
      },
    },
  );
  await expect
    .poll(
      () =>
        fetch(address).then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 90_000 },
    )
    .toBe(200);
  return child;
}

async function open(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 },
    locale: "en-GB",
    reducedMotion: "reduce",
    extraHTTPHeaders: { "x-forwarded-for": `2001:db8:${randomInt(65_536).toString(16)}::1` },
  });
  return context.newPage();
}

const signInButton = (page: Page) => page.getByRole("button", { name: "Sign in by emergency access" });
const next = (page: Page) => page.getByRole("button", { name: "Continue" });

/** From the application to `/otp`, as far as the ways. */
async function begin(page: Page, login: string): Promise<void> {
  await page.goto(address);
  await signInButton(page).click();
  await expect(page).toHaveURL(/\/otp\?app=[\w-]{43}$/);
  await expect(page.getByText("You are signing in to Intranet.")).toBeVisible();
  await page.getByLabel("Sign-in name").fill(login);
  await next(page).click();
  await expect(page.getByRole("heading", { name: "How can we reach you?" })).toBeVisible();
}

test.describe("a next-auth application", () => {
  test.beforeAll(async ({ browser }) => {
    const port = await findFreePort();
    address = `http://localhost:${port}`;
    const context = await browser.newContext({ baseURL: product.baseUrl, locale: "en-GB" });
    const file = await makeClient(await context.newPage(), `${address}/api/auth/callback/sparekey`);
    await context.close();
    application = await startApplication(file, port);
  });
  test.afterAll(async () => {
    if (application !== undefined) {
      application.kill("SIGTERM");
      await once(application, "exit");
    }
    rmSync(`${folder}/.next`, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 });
  });

  test("from the application to /otp, by access code, and back, signed in; staff see it and end it", async ({
    browser,
    page: desk,
  }) => {
    const code = await issueAccessCode("ada.lovelace");
    const page = await open(browser);
    await page.goto(address);
    await signInButton(page).click();
    await expect(page.getByText("You are signing in to Intranet.")).toBeVisible();
    await look(page, "openid-login");
    await begin(page, "ada.lovelace");
    await look(page, "openid-ways");
    await page.getByRole("link", { name: "I have a code" }).click();
    await page.getByLabel("Access code").fill(code);
    await next(page).click();
    await expect(page).toHaveURL(new RegExp(`^${address}`));
    await expect(page.getByRole("heading", { name: "Welcome, Ada Lovelace" })).toBeVisible();
    await expect(page.getByText("ada.lovelace@example.com, by otp")).toBeVisible();

    await signIn(desk, "helpdesk@sparekey.test");
    await lookUp(desk, "ada", "Ada Lovelace");
    const opened = desk.getByRole("region", { name: "Signed in at applications" });
    await expect(opened.getByText("Intranet")).toBeVisible();
    await look(desk, "openid-user");
    await opened.getByRole("button", { name: "End all" }).click();
    await desk.getByRole("dialog").getByRole("button", { name: "End all" }).click();
    await expect(opened).toBeHidden();
    await page.goto(address);
    await expect(signInButton(page)).toBeVisible();
  });

  test("by text, on a phone without scripts", async ({ browser }) => {
    const to = "+12025550107";
    const before = (await readInbox(to)).length;
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      locale: "en-GB",
      javaScriptEnabled: false,
      extraHTTPHeaders: { "x-forwarded-for": `2001:db8:${randomInt(65_536).toString(16)}::1` },
    });
    const page = await context.newPage();
    await begin(page, "sms.sofia");
    await page.getByRole("button", { name: "Text message" }).click();
    await page.getByLabel("The six digits").fill(await awaitDigits(to, before));
    await next(page).click();
    await expect(page.getByRole("heading", { name: /^Welcome, Sofia/ })).toBeVisible();
    await expect(page.getByText("by otp and sms")).toBeVisible();
    await context.close();
  });
});

test("where a request is wrong the browser is shown so, in its language, and led nowhere", async ({
  browser,
}) => {
  const page = await open(browser);
  const answer = await page.goto(
    `${product.baseUrl}/oidc/auth?client_id=nobody&redirect_uri=https://evil.example/&response_type=code`,
  );
  expect(answer?.status()).toBe(400);
  await expect(page.getByRole("heading", { name: "This sign-in can’t go on" })).toBeVisible();
  await look(page, "openid-refused");
  const late = await page.goto(`${product.baseUrl}/oidc/interaction/${"x".repeat(43)}`);
  expect(late?.status()).toBe(400);
  await expect(page.getByRole("heading", { name: "This sign-in took too long" })).toBeVisible();
});
