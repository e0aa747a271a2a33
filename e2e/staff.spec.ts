import { type ChildProcess, fork } from "node:child_process";
import type { BrowserContext, Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { runSql } from "./database";
import { expectAccessible, give, look, readCode } from "./desk";
import { expect, product, test } from "./product";

/** A server that is not the demo: nobody is staff yet, and second factors are asked for. */
const plain = { baseUrl: "", databaseUrl: "", setupCode: "" };
let server: ChildProcess;

test.describe.configure({ mode: "serial" });

test.beforeAll(async () => {
  server = fork("tools/run.mjs", ["tools/testing/plain-process.ts", product.folder, product.databaseUrl], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await new Promise<void>((resolve, reject) => {
    server.once("message", (message) => {
      Object.assign(plain, message);
      resolve();
    });
    server.once("exit", (code) => reject(new Error(`the server did not start (exit ${code})`)));
  });
});

test.afterAll(async () => {
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await gone;
});

const OWNER = "olga@sparekey.test";
const OWNER_PASSWORD = "a fresh and long one";
const HELPDESK = "hal@sparekey.test";
const HELPDESK_PASSWORD = "another rather long one";

/** What a context's authenticator holds, kept from test to test. */
let ownerKeys: object[] = [];

const sql = (text: string) => runSql<Record<string, unknown>>(plain.databaseUrl, text);

async function addAuthenticator(context: BrowserContext, page: Page, keys: readonly object[] = []) {
  const cdp = await context.newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  for (const credential of keys)
    await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: credential as never });
  return {
    keys: async () => (await cdp.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
  };
}

async function signInByPassword(page: Page, email: string, password: string) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function signInByPasskey(context: BrowserContext, page: Page) {
  const authenticator = await addAuthenticator(context, page, ownerKeys);
  await page.goto(`${plain.baseUrl}/signin`);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page).toHaveURL(/\/users/);
  ownerKeys = await authenticator.keys();
  return authenticator;
}

test("the first start leads to making the owner, who adds a passkey before anything opens", async ({
  page,
  context,
}) => {
  const authenticator = await addAuthenticator(context, page);
  await page.goto(`${plain.baseUrl}/`);
  await expect(page.getByRole("heading", { name: "The first owner" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Setup code").fill("AAAA-BBBB-CCCC-DDDD-EEEE");
  await page.getByLabel("Your name").fill("Olga Owner");
  await page.getByLabel("E-mail").fill(OWNER);
  await page.getByLabel("Password").fill(OWNER_PASSWORD);
  await page.getByRole("button", { name: "Make owner" }).click();
  await expect(page.getByText("That isn’t the setup code")).toBeVisible();
  await look(page, "setup");

  await page.getByLabel("Setup code").fill(plain.setupCode);
  await page.getByLabel("Password").fill(OWNER_PASSWORD);
  await page.getByRole("button", { name: "Make owner" }).click();
  await expect(page.getByRole("heading", { name: "Add a second factor" })).toBeVisible();
  await expectAccessible(page);
  await page.goto(`${plain.baseUrl}/users`);
  await expect(page).toHaveURL(/\/signin\/enrol/);

  await page.getByLabel("Name of the passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page).toHaveURL(/\/users/);
  ownerKeys = await authenticator.keys();
  expect(ownerKeys).toHaveLength(1);

  await page.goto(`${plain.baseUrl}/setup`);
  await expect(page).toHaveURL(/\/users|\/signin/);
});

test("a passkey alone signs in; a password needs it as the second factor", async ({ page, context }) => {
  const authenticator = await addAuthenticator(context, page, ownerKeys);
  await page.goto(`${plain.baseUrl}/signin`);
  const shown = page.waitForRequest((request) => request.postData()?.includes("authenticatorData") ?? false);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page).toHaveURL(/\/users/);

  await page.getByRole("button", { name: /Olga Owner/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/signin/);

  const before = await shown;
  const replay = await page.request.post(before.url(), {
    headers: {
      "next-action": (await before.headerValue("next-action")) ?? "",
      "content-type": "text/plain;charset=UTF-8",
      origin: plain.baseUrl,
    },
    data: before.postData() ?? "",
  });
  expect(await replay.text()).toContain('"reason":"wrong"');
  await page.goto(`${plain.baseUrl}/staff`);
  await expect(page).toHaveURL(/\/signin\?return=%2Fstaff/);

  await signInByPassword(page, OWNER, OWNER_PASSWORD);
  await expect(page.getByRole("heading", { name: "Second factor" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page).toHaveURL(/\/staff$/);
  ownerKeys = await authenticator.keys();
});

test("a session cookie that was signed out is worth nothing", async ({ page, context }) => {
  await signInByPasskey(context, page);
  const cookies = await context.cookies();
  await page.getByRole("button", { name: /Olga Owner/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/signin/);
  await context.addCookies(cookies);
  await page.goto(`${plain.baseUrl}/users`);
  await expect(page).toHaveURL(/\/signin/);
  const session = cookies.find(({ name }) => name.includes("session"));
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
});

test("an invited member sets a password, adds an app, and is out at once when disabled", async ({
  page,
  context,
  browser,
}) => {
  await signInByPasskey(context, page);
  await page.goto(`${plain.baseUrl}/staff`);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Hal Helpdesk");
  await dialog.getByLabel("E-mail").fill(HELPDESK);
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Invite" }).click();
  const link = await dialog.getByLabel("URL").inputValue();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("row", { name: /Hal Helpdesk/ })).toContainText("invited");

  const other = await browser.newContext();
  const theirs = await other.newPage();
  await theirs.goto(link);
  await expect(theirs.getByRole("heading", { name: "Welcome, Hal Helpdesk" })).toBeVisible();
  await expectAccessible(theirs);
  await theirs.getByLabel("New password").fill("hal helpdesk");
  await theirs.getByRole("button", { name: "Set password" }).click();
  await expect(theirs.getByText("Too easy to guess")).toBeVisible();
  await theirs.getByLabel("New password").fill(HELPDESK_PASSWORD);
  await theirs.getByRole("button", { name: "Set password" }).click();

  await theirs.getByRole("button", { name: "Use an authenticator app" }).click();
  await expect(theirs.getByRole("img", { name: /QR code/ })).toBeVisible();
  const secret = (await theirs.locator("code").innerText()).replaceAll(" ", "");
  await expectAccessible(theirs);
  await theirs.getByLabel("Six digits").fill("000000");
  await theirs.getByRole("button", { name: "Confirm" }).click();
  await expect(theirs.getByText("That code isn’t right")).toBeVisible();
  await theirs.getByLabel("Six digits").fill(TOTP.generate({ secret: Secret.fromBase32(secret) }));
  await theirs.getByRole("button", { name: "Confirm" }).click();
  await expect(theirs).toHaveURL(/\/users/);

  const refused = await theirs.goto(`${plain.baseUrl}/staff`);
  expect(refused?.status()).toBe(403);
  await expect(theirs.getByText("isn’t open to your role")).toBeVisible();
  await theirs.goto(link);
  await expect(theirs.getByRole("heading", { name: "This link no longer works" })).toBeVisible();

  await page.reload();
  await page.getByRole("link", { name: "Hal Helpdesk" }).click();
  await expect(page.getByRole("heading", { name: "Hal Helpdesk" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled. One session ended.")).toBeVisible();
  await theirs.goto(`${plain.baseUrl}/users`);
  await expect(theirs).toHaveURL(/\/signin/);
  await expect(theirs.getByText("Your session has ended")).toBeVisible();
  await expectAccessible(theirs);
  await signInByPassword(theirs, HELPDESK, HELPDESK_PASSWORD);
  await expect(theirs.getByText("don’t match")).toBeVisible();
  await other.close();
});

test("an owner can't disable oneself, and the page says why", async ({ page, context }) => {
  await signInByPasskey(context, page);
  await page.goto(`${plain.baseUrl}/staff`);
  await page.getByRole("link", { name: "Olga Owner" }).click();
  const disable = page.getByRole("button", { name: "Disable" });
  await expect(disable).toHaveAttribute("aria-disabled", "true");
  await expect(disable).toHaveAccessibleDescription(/Not for oneself/);
});

const growOld = () => sql("update staff_session set second_factor_at = now() - interval '16 minutes'");

/** What is said where the second factor has grown old. */
const stepUpNotice = (page: Page) =>
  page.getByRole("alert").filter({ hasText: "Show your second factor again first" });

/** Shows the second factor in the tab that the notice opens, which leads to `leadsTo` then. */
async function showInTab(context: BrowserContext, page: Page, leadsTo: RegExp): Promise<void> {
  const opening = context.waitForEvent("page");
  await stepUpNotice(page).getByRole("link", { name: "Show it in a new tab" }).click();
  const tab = await opening;
  const inTab = await addAuthenticator(context, tab, ownerKeys);
  await expect(tab.getByRole("heading", { name: "It’s still you?" })).toBeVisible();
  await expectAccessible(tab);
  await tab.getByRole("button", { name: "Use a passkey" }).click();
  await expect(tab).toHaveURL(leadsTo);
  ownerKeys = await inTab.keys();
  await tab.close();
}

test("a second factor older than 15 minutes is shown again in a tab of its own, and the act goes on", async ({
  page,
  context,
}) => {
  const authenticator = await signInByPasskey(context, page);
  await growOld();
  await page.goto(`${plain.baseUrl}/staff`);
  await page.getByRole("link", { name: "Hal Helpdesk" }).click();
  await page.getByRole("button", { name: "Enable" }).click();
  const enable = page.getByRole("dialog").getByRole("button", { name: "Enable" });
  await enable.click();
  ownerKeys = await authenticator.keys();
  await expect(stepUpNotice(page)).toBeVisible();
  await expectAccessible(page);
  await showInTab(context, page, /\/staff\/[0-9a-f-]{36}$/);
  await enable.click();
  await expect(page.getByRole("button", { name: "Disable" })).toBeVisible();
});

test("a code isn't given, nor a policy changed, by a second factor older than 15 minutes; the notice says so and leads back", async ({
  page,
  context,
}) => {
  const authenticator = await signInByPasskey(context, page);
  const [user] =
    await sql(`insert into users (directory_id, login, login_key, first_name, last_name, display_name)
      values ('d-1', 'nina.nobody', 'nina.nobody', 'Nina', 'Nobody', 'Nina Nobody') returning id`);
  await growOld();
  await page.goto(`${plain.baseUrl}/users/${user?.id}`);
  await page.waitForLoadState("networkidle");
  await expect(page.getByText("You showed your second factor too long ago")).toBeVisible();
  await expectAccessible(page);
  await give(page, "Access code", "Generate code");
  await expect(stepUpNotice(page)).toBeVisible();
  await expectAccessible(page);
  expect(await sql("select id from grants")).toHaveLength(0);
  ownerKeys = await authenticator.keys();
  await showInTab(context, page, new RegExp(`/users/${user?.id}$`));
  await stepUpNotice(page).getByRole("button", { name: "Try again" }).click();
  await readCode(page);
  expect(await sql("select ticket from grants")).toEqual([{ ticket: "INC-20418" }]);

  await growOld();
  await page.goto(`${plain.baseUrl}/policy`);
  await page.waitForLoadState("networkidle");
  await page.getByLabel("Second factor of staff is good for", { exact: true }).fill("14");
  await page.getByRole("button", { name: "Put in force" }).click();
  await expect(stepUpNotice(page)).toBeVisible();
  await expectAccessible(page);
  await showInTab(context, page, /\/policy$/);
  await page.getByRole("button", { name: "Put in force" }).click();
  await expect(page.getByText("The new policy is in force.")).toBeVisible();
});

test("no machine is let in by a second factor older than 15 minutes, and what was filled in outlasts showing it again", async ({
  page,
  context,
}) => {
  const authenticator = await signInByPasskey(context, page);
  await page.goto(`${plain.baseUrl}/machines/enrol`);
  await page.waitForLoadState("networkidle");
  await growOld();
  await page.getByLabel("Name of the machine").fill("LATE-1");
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(stepUpNotice(page)).toBeVisible();
  await expectAccessible(page);
  expect(await sql("select id from enrolment_token")).toHaveLength(0);
  ownerKeys = await authenticator.keys();
  await showInTab(context, page, /\/machines\/enrol$/);
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(page.getByRole("timer")).toBeVisible();
  expect(await sql("select machine_name as name from enrolment_token")).toEqual([{ name: "LATE-1" }]);
});

test("one's own account: sessions, settings, password and factors", async ({ page, context }) => {
  await signInByPasskey(context, page);
  await page.goto(`${plain.baseUrl}/account`);
  await expect(page.getByRole("heading", { name: "Your account" })).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Remove: Laptop" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("It is your only second factor")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.getByLabel("Current password").fill("not the one at all");
  await page.getByLabel("New password").fill("yet another long one");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("The current password isn’t right.")).toBeVisible();

  await context.addCookies([{ name: "sparekey-language", value: "de", url: plain.baseUrl }]);
  await page.reload();
  await expect(page.getByLabel("Sprache").last()).toHaveValue("de");
  await context.clearCookies({ name: "sparekey-language" });
  await page.reload();

  await page.getByLabel("Language").last().selectOption("de");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Ihr Konto" })).toBeVisible();
  await expectAccessible(page);
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });
  test("the sign-in page still takes a password, and answers unknown and known alike", async ({ page }) => {
    for (const email of ["nobody@sparekey.test", OWNER]) {
      await page.goto(`${plain.baseUrl}/signin`);
      await signInByPassword(page, email, "wrong wrong wrong");
      await expect(page.getByText("E-mail and password don’t match")).toBeVisible();
    }
  });
});
