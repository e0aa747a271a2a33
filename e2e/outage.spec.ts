import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { type Browser, type BrowserContextOptions, expect, type Page, test } from "@playwright/test";
import { runSql } from "./database";
import { expectAccessible, give, lookUp, readCode, signIn } from "./desk";
import { findDigits, readInboxes } from "./phones";
import { product } from "./product";
import { readRows } from "./rows";

/** A product of these tests' own: no other test survives what happens to its database. */
const frail = { baseUrl: "", databaseUrl: "", standinUrl: "" };
let folder = "";
let home: ChildProcess;

test.describe.configure({ mode: "serial" });
test.setTimeout(240_000);

test.beforeAll(async () => {
  folder = mkdtempSync(`${product.folder}/frail-`);
  home = fork("tools/run.mjs", ["tools/testing/frail-process.ts", folder], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await new Promise<void>((resolve, reject) => {
    home.once("message", (message) => {
      Object.assign(frail, message);
      resolve();
    });
    home.once("exit", (code) => reject(new Error(`the product did not start (exit ${code})`)));
  });
});

test.afterAll(async () => {
  try {
    const rows = [...(await readRows(frail.databaseUrl)).values()].flat();
    writeFileSync(`${folder}/rows`, rows.join("\n"));
  } finally {
    const gone = new Promise((resolve) => home.once("exit", resolve));
    home.disconnect();
    await gone;
    rmSync(`${folder}/postgres`, { recursive: true, force: true });
  }
});

/** Takes the database away, in good order or by a crash. */
async function loseDatabase(how: "order" | "crash"): Promise<void> {
  const done = new Promise((resolve) => home.once("message", resolve));
  home.send(how);
  await done;
}

/** Gives the database back, and waits until the server serves again. */
async function giveBack(): Promise<void> {
  const done = new Promise((resolve) => home.once("message", resolve));
  home.send("start");
  await done;
  await expect
    .poll(async () => (await fetch(`${frail.baseUrl}/healthz`)).status, { timeout: 30_000 })
    .toBe(200);
}

async function open(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: frail.baseUrl, locale: "en-GB", ...options });
  return context.newPage();
}

/** Has every answer of the provider wait so long. */
async function slowDown(ms: number): Promise<void> {
  const { ok } = await fetch(`${frail.standinUrl}/latency`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ms }),
  });
  expect(ok).toBe(true);
}

/** Begins to ask for a token, and waits until the server listens; what is sent back says the rest, and answers with the status. */
async function askHalfway(): Promise<() => Promise<number>> {
  const { hostname, port } = new URL(frail.baseUrl);
  const socket = connect(Number(port), hostname).setEncoding("utf8");
  socket.write(
    [
      "POST /oauth/token HTTP/1.1",
      "host: localhost",
      "connection: close",
      "expect: 100-continue",
      "content-type: application/x-www-form-urlencoded",
      "content-length: 29\r\n\r\ngrant_type=",
    ].join("\r\n"),
  );
  expect(await once(socket, "data")).toEqual(["HTTP/1.1 100 Continue\r\n\r\n"]);
  return async () => {
    const answered = once(socket, "data");
    socket.end("client_credentials");
    const [answer] = await answered;
    return Number(String(answer).split(" ")[1]);
  };
}

/** How each grant of that user ended, the oldest first; null where it lives. */
const listGrants = (login: string) =>
  runSql<{ ended_as: string | null; uses_count: number }>(
    frail.databaseUrl,
    `select ended_as, uses_count from grants join users on users.id = user_id where login = $1 order by grants.created_at`,
    [login],
  );

test("the desk: what could not be done is never called done, and the same form does it when the database is back", async ({
  browser,
}) => {
  const page = await open(browser, { viewport: { width: 1280, height: 900 } });
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");

  await page.getByRole("radio", { name: /^Access code/ }).check();
  await page.getByRole("radio", { name: "Stolen" }).check();
  await page.getByLabel("Ticket").fill("INC-7");
  await loseDatabase("crash");
  await page.getByRole("button", { name: "Generate code" }).click();
  const refused = page.getByRole("alert").filter({ hasText: "The database can’t be reached" });
  await expect(refused).toBeVisible({ timeout: 30_000 });
  await expect(page.getByRole("radio", { name: "Stolen" })).toBeChecked();
  await expect(page.getByLabel("Ticket")).toHaveValue("INC-7");
  await expectAccessible(page);
  await giveBack();
  await refused.getByRole("button", { name: "Try again" }).click();
  await readCode(page);

  await page.getByRole("button", { name: "Revoke…" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(dialog.getByRole("alert")).toHaveText("Choose why: it goes into the record.");
  await dialog.getByRole("radio", { name: /^Issued by mistake/ }).check();
  await loseDatabase("order");
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(dialog.getByRole("alert")).toHaveText(/The database can’t be reached/, { timeout: 30_000 });
  await expect(page.getByText("Revoked.")).toHaveCount(0);
  await giveBack();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Revoked.")).toBeVisible();
  expect(await listGrants("zoe.nophone")).toEqual([{ ended_as: "revoked", uses_count: 0 }]);
});

test("the look-up and a page that was opened meanwhile say so, and are there again without being asked anew", async ({
  browser,
}) => {
  const page = await open(browser, { viewport: { width: 1280, height: 900 } });
  await signIn(page, "helpdesk@sparekey.test");
  await loseDatabase("crash");
  await page.keyboard.press("/");
  await page.keyboard.type("hopp");
  await expect(page.getByText("The look-up did not answer.")).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page);
  await page.goto("/grants");
  await expect(page.getByText("Our database can’t be reached right now.")).toBeVisible();
  await page.goBack();
  await giveBack();
  await expect(async () => {
    const again = page.getByRole("button", { name: "Try again" });
    if (await again.isVisible()) await again.click();
    await expect(page.getByRole("row").filter({ hasText: "Grace Hopper" })).toBeVisible({ timeout: 5_000 });
  }).toPass();
});

for (const javaScriptEnabled of [true, false]) {
  test(`/otp ${javaScriptEnabled ? "with" : "without"} scripts: each step can be sent again when the database is back, and the code is spent once`, async ({
    browser,
  }) => {
    const login = javaScriptEnabled ? "ada.lovelace" : "grace.hopper";
    const desk = await open(browser, { viewport: { width: 1280, height: 900 } });
    await signIn(desk, "helpdesk@sparekey.test");
    await lookUp(desk, login.replace(".", " "), javaScriptEnabled ? "Ada Lovelace" : "Grace Hopper");
    await give(desk, "Access code", "Generate code");
    const code = await readCode(desk);
    await desk.context().close();

    const phone = await open(browser, { viewport: { width: 390, height: 844 }, javaScriptEnabled });
    const trouble = phone.getByRole("heading", { name: "Something broke on our side" });
    const again = phone.getByRole("link", { name: "Try again" });
    const name = phone.getByLabel("Sign-in name or work e-mail");
    const field = phone.getByLabel("Access code");
    const onward = phone.getByRole("button", { name: "Continue" });

    await phone.goto("/otp?app=payroll");
    await name.fill(login);
    await loseDatabase("crash");
    await onward.click();
    await expect(trouble).toBeVisible({ timeout: 30_000 });
    if (javaScriptEnabled) await expectAccessible(phone);
    await again.click();
    await expect(name).toHaveValue(login);
    await expect(phone.getByText("You are signing in to Payroll.")).toBeVisible();
    await giveBack();
    await onward.click();

    await phone.getByRole("link", { name: /I have a code/ }).click();
    await expect(field).toBeVisible();
    const attempt = phone.url().replace(/\/code.*$/, "");
    await field.fill(code);
    await loseDatabase("order");
    await onward.click();
    await expect(trouble).toBeVisible({ timeout: 30_000 });
    await giveBack();
    await again.click();
    await expect(field).toBeVisible();
    if (javaScriptEnabled) expect((await field.inputValue()).replace(/\W/g, "")).toBe(code);
    else await field.fill(code);
    await onward.click();
    await expect(phone.getByRole("heading", { name: "You are in" })).toBeVisible();
    await expect(phone).toHaveURL(/\/payroll$/);
    expect((await listGrants(login)).at(-1)).toEqual({ ended_as: "spent", uses_count: 1 });

    await loseDatabase("order");
    await phone.goto(`/payroll/enter?attempt=${attempt.split("/").at(-1)}`);
    await expect(trouble).toBeVisible({ timeout: 30_000 });
    await giveBack();
    await again.click();
    await expect(phone).toHaveURL(`${attempt}/in`);
    await phone.context().close();
  });
}

test("a code outlives a dialog that can't be fetched, and the question whether to leave it where that can't be", async ({
  browser,
}) => {
  const page = await open(browser, { viewport: { width: 1280, height: 900 } });
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await page.route("**/_next/static/chunks/**", (route) => route.abort());
  await give(page, "Access code", "Generate code");
  await readCode(page);
  await page.getByRole("button", { name: "Revoke…" }).first().click();
  await expect(page.getByRole("alert").getByRole("button", { name: "Load again" })).toBeVisible();
  await expect(page.getByTestId("code")).toBeVisible();
  for (const answer of ["dismiss", "accept"] as const) {
    const asked = page.waitForEvent("dialog");
    await Promise.all([
      asked.then((dialog) => {
        expect(dialog.message()).toBe("The code is still on the screen.");
        return dialog[answer]();
      }),
      page.getByRole("link", { name: "Users", exact: true }).click({ noWaitAfter: true }),
    ]);
    await expect(page.getByTestId("code")).toHaveCount(answer === "dismiss" ? 1 : 0);
  }
});

test("told to stop, the server finishes the text that it is sending and the question that it is hearing, and takes no new one", async ({
  browser,
}) => {
  const desk = await open(browser, { viewport: { width: 1280, height: 900 } });
  await signIn(desk, "helpdesk@sparekey.test");
  await lookUp(desk, "sofia", "Sofia Sms");
  const readDelivery = () =>
    runSql<{ state: string; attempts: number }>(
      frail.databaseUrl,
      `select d.state, d.attempts from delivery d join challenge c on c.id = d.challenge_id join users u on u.id = c.user_id
       where u.login = 'sms.sofia'`,
    );
  const before = (await readInboxes(frail)).length;
  await slowDown(3_000);
  await give(desk, "Text message", "Allow texts");
  await expect.poll(readDelivery).toEqual([{ state: "sending", attempts: 1 }]);
  const finishAsking = await askHalfway();
  const restarted = once(home, "message");
  home.send("restart");
  await expect
    .poll(() =>
      fetch(`${frail.baseUrl}/healthz`).then(
        ({ status }) => status,
        () => "refused",
      ),
    )
    .toBe("refused");
  expect(await finishAsking()).toBe(401);
  expect(await restarted).toEqual([{ done: "restart", exitCode: 0 }, undefined]);
  const [delivery] = await readDelivery();
  expect(["sent", "delivered"]).toContain(delivery?.state);
  expect(delivery?.attempts).toBe(1);
  const arrived = (await readInboxes(frail)).slice(0, -before || undefined);
  expect(arrived.filter((message) => findDigits(message) !== undefined)).toHaveLength(1);
});
