import { randomInt, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContextOptions, Locator, Page } from "@playwright/test";
import { measureBarePage, measureFirstLoad } from "../tools/bench/first-load";
import { runSql } from "./database";
import { expectAccessible, signIn } from "./desk";
import { awaitDigits, readInbox } from "./phones";
import { expect, product, test } from "./product";
import { issueAccessCode, issueRevokedCode } from "./programs";

const phone = { width: 390, height: 844 };

/** A network of its own, so that no test uses up what another may do; the test's server believes what this machine says. */
const elsewhere = () => ({ "x-forwarded-for": `2001:db8:${randomInt(65_536).toString(16)}::1` });

test.use({
  viewport: phone,
  locale: "en-GB",
  extraHTTPHeaders: async ({}, use) => use(elsewhere()),
});

async function open(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    baseURL: product.baseUrl,
    viewport: phone,
    locale: "en-GB",
    extraHTTPHeaders: elsewhere(),
    ...options,
  });
  return context.newPage();
}

const sql = (text: string, values?: readonly unknown[]) => runSql(product.databaseUrl, text, values);

/** Lets ten minutes pass for the limits of sending. */
async function forgetSends(): Promise<void> {
  await sql("update channel_ask set asked_at = asked_at - interval '11 minutes'");
  await sql("update delivery set created_at = created_at - interval '11 minutes'");
}

/** Waits until the page's script has taken the field over: before, a form is sent as plain HTML and comes back empty. */
const untilScripted = (field: Locator) =>
  expect
    .poll(() => field.evaluate((element) => Object.keys(element).some((key) => key.startsWith("__react"))))
    .toBe(true);

/** By how many pixels what is typed stands beside its boxes. */
const shiftOf = (field: Locator) =>
  field.evaluate((digits) => {
    const { left } = digits.closest("div")?.getBoundingClientRect() ?? { left: Number.NaN };
    return digits.getBoundingClientRect().left - digits.scrollLeft - left;
  });

const submit = (page: Page) => page.locator("main button[type=submit]").first();
const attemptOf = (page: Page) => new URL(page.url()).pathname.split("/")[2] ?? "";

async function begin(page: Page, login: string): Promise<void> {
  await page.goto("/otp?app=payroll");
  await page.locator("#login").fill(login);
  await submit(page).click();
  await page.waitForURL(/\/otp\/[0-9a-f-]{36}$/);
}

test("from the protected page by text message and back in, in light: nothing for axe to find on the way", async ({
  page,
}) => {
  const to = "+12025550107";
  const before = (await readInbox(to)).length;
  await page.goto("/payroll");
  await expect(page).toHaveURL(/\/otp\?app=payroll$/);
  await expect(page.getByText("You are signing in to Payroll.")).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Sign-in name").fill("sms.sofia");
  await page.getByRole("button", { name: "Continue" }).click();

  await expect(page.getByRole("heading", { name: "How can we reach you?" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Text message" }).click();

  await expect(page.getByRole("heading", { name: "Type the six digits" })).toBeVisible();
  const field = page.getByLabel("The six digits");
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute("autocomplete", "one-time-code");
  await expect(page.getByRole("button", { name: /Send again in 0:[0-3]\d/ })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  await expectAccessible(page);

  const digits = await awaitDigits(to, before);
  await untilScripted(field);
  await field.fill(`${digits.slice(0, 3)} ${digits.slice(3)}`);
  await expect(field).toHaveValue(digits);
  await page.getByRole("button", { name: "Continue" }).click();

  await expect(page).toHaveURL(/\/payroll$/);
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  await expect(page.getByText("Signed in as Sofia")).toContainText("by a text message");
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/otp\?app=payroll$/);
  await page.goto("/payroll");
  await expect(page).toHaveURL(/\/otp\?app=payroll$/);
});

test("by phone call, in the dark: the digits that the voice says open the page", async ({ browser }) => {
  const page = await open(browser, { colorScheme: "dark" });
  const to = "+442079460108";
  const before = (await readInbox(to)).length;
  await begin(page, "voice.viktor");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Phone call" }).click();
  await expect(page.getByText("your phone rings in a moment")).toBeVisible();
  await expectAccessible(page);
  const digits = await awaitDigits(to, before);
  const field = page.getByLabel("The six digits");
  await field.pressSequentially(digits);
  await expect(field).toHaveValue(digits);
  expect(await shiftOf(field)).toBeCloseTo(0);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  await expect(page.getByText("by a phone call")).toBeVisible();
  await page.context().close();
});

test("by access code, in Arabic, right to left: typed in small letters, and a success is taken up once", async ({
  browser,
}) => {
  const page = await open(browser, { locale: "ar-EG" });
  const code = await issueAccessCode("zoe.nophone");
  await begin(page, "zoe.nophone@example.com");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await expectAccessible(page);
  await page.locator("main a").filter({ hasText: "لديّ رمز" }).click();
  await page.waitForURL(/\/code$/);
  const attempt = attemptOf(page);
  const field = page.getByLabel("رمز الدخول");
  await untilScripted(field);
  await field.pressSequentially(code.replaceAll("-", "").toLowerCase());
  await expect(field).toHaveValue(code);
  await expectAccessible(page);
  await submit(page).click();
  await expect(page).toHaveURL(/\/payroll$/);
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/otp/);
  await page.goto(`/payroll/enter?attempt=${attempt}`);
  await expect(page).toHaveURL(/\/otp\?app=payroll$/);
  await page.context().close();
});

test("a slip of the finger in a code is seen before anything is sent, and what was typed stays", async ({
  page,
}) => {
  const code = await issueAccessCode("grace.hopper");
  await begin(page, "grace.hopper");
  await page.getByRole("link", { name: "I have a code" }).click();
  const field = page.getByLabel("Access code");
  const wrong = `${code.slice(0, -1)}${code.endsWith("7") ? "8" : "7"}`;
  let posts = 0;
  page.on("request", (request) => {
    if (request.method() === "POST") posts += 1;
  });
  await untilScripted(field);
  await field.fill(wrong);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "looks mistyped" })).toBeVisible();
  await expect(field).toHaveValue(wrong);
  await expect(field).toBeFocused();
  expect(posts).toBe(0);
  await expectAccessible(page);
  await field.fill(code);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
});

test("a code that was revoked, one that was spent and another user's open nothing, and the page doesn't say which", async ({
  page,
}) => {
  const spent = await issueAccessCode("grace.hopper");
  await begin(page, "grace.hopper");
  await page.getByRole("link", { name: "I have a code" }).click();
  await page.getByLabel("Access code").fill(spent);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  const others = await issueAccessCode("alan.turing");
  const revoked = await issueRevokedCode("grace.hopper");

  await begin(page, "grace.hopper");
  await page.getByRole("link", { name: "I have a code" }).click();
  for (const [tries, code] of [
    ["4 more tries", revoked],
    ["3 more tries", spent],
    ["2 more tries", others],
  ] as const) {
    await page.getByLabel("Access code").fill(code);
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert").filter({ hasText: tries })).toContainText(
      "This code doesn’t open anything here.",
    );
  }
});

test("without JavaScript a text can be asked for, too early a second one can't, and its digits open the page", async ({
  browser,
}) => {
  const page = await open(browser, { javaScriptEnabled: false });
  const to = "+12025550107";
  await forgetSends();
  const before = (await readInbox(to)).length;
  await begin(page, "sms.sofia");
  await page.getByRole("button", { name: "Text message" }).click();
  await expect(page).toHaveURL(/\/text$/);
  await page.getByRole("button", { name: "Send again" }).click();
  await expect(page.getByRole("alert")).toContainText("you can ask again in");
  await page.locator("#digits").fill("12");
  await submit(page).click();
  await expect(page.getByRole("alert")).toContainText("There are six digits");
  await page.locator("#digits").fill(await awaitDigits(to, before));
  await submit(page).click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  await page.context().close();
});

test("without JavaScript a code can be typed, and a mistyped one costs no try", async ({ browser }) => {
  const page = await open(browser, { javaScriptEnabled: false });
  const code = await issueAccessCode("alan.turing");
  await begin(page, "alan.turing");
  await page.getByRole("link", { name: "I have a code" }).click();
  for (let slip = 0; slip < 6; slip += 1) {
    await page.locator("#code").fill(`${code}7`);
    await submit(page).click();
    await expect(page.getByRole("alert")).toContainText("looks mistyped");
  }
  await page.locator("#code").fill(code.toLowerCase().replaceAll("-", " "));
  await submit(page).click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
  await page.context().close();
});

test("after half a minute the same text can be asked for again, and only the newest digits count", async ({
  page,
}) => {
  const to = "+12025550107";
  await forgetSends();
  await begin(page, "sms.sofia");
  const start = (await readInbox(to)).length;
  await page.getByRole("button", { name: "Text message" }).click();
  const first = await awaitDigits(to, start);
  const again = page.getByRole("button", { name: "Send again", exact: true });
  await expect(again).toBeHidden();
  await expect(again).toBeVisible({ timeout: 35_000 });
  const before = (await readInbox(to)).length;
  await again.click();
  const newest = await awaitDigits(to, before);
  expect(newest).not.toBe(first);
  await page.getByLabel("The six digits").fill(first);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "not right" })).toBeVisible();
  await page.getByLabel("The six digits").fill(newest);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "You are in" })).toBeVisible();
});

test("three wrong tries end the sign-in, and it is begun again without typing the name anew", async ({
  page,
}) => {
  await begin(page, "ada.lovelace");
  await page.getByRole("button", { name: "Text message" }).click();
  for (const left of ["2 more tries", "one more try"]) {
    await page.getByLabel("The six digits").fill("000000");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert").filter({ hasText: left })).toBeVisible();
    await expect(page.getByLabel("The six digits")).toHaveValue("");
  }
  await expectAccessible(page);
  await page.getByLabel("The six digits").fill("000000");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "That didn’t work" })).toBeVisible();
  await expectAccessible(page);
  const failed = attemptOf(page);
  await page.getByRole("button", { name: "Begin again" }).click();
  await expect(page.getByText("Signing in as ada.lovelace")).toBeVisible();
  await expect(page.getByText("You are signing in to Payroll.")).toBeVisible();
  expect(attemptOf(page)).not.toBe(failed);
});

test("a sign-in whose time is over says so wherever it stood, and keeps the name", async ({ page }) => {
  await begin(page, "ada.lovelace");
  const attempt = attemptOf(page);
  await page.getByRole("link", { name: "I have a code" }).click();
  await page.waitForURL(/\/code$/);
  await sql("update authn_attempt set expires_at = now() - interval '1 second' where id = $1", [attempt]);
  await page.getByLabel("Access code").fill("0000-0000-0000-0000");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByRole("heading", { name: "This took too long" })).toBeVisible();
  await page.goto(`/otp/${attempt}/text`);
  await expect(page.getByRole("heading", { name: "This took too long" })).toBeVisible();
  await page.getByRole("button", { name: "Begin again" }).click();
  await expect(page.getByText("Signing in as ada.lovelace")).toBeVisible();
});

test("a stranger's name, a disabled user's and a user's without access see the very same pages (ASVS 6.3.8)", async ({
  browser,
}) => {
  test.slow();
  const walk = async (login: string): Promise<string[]> => {
    const page = await open(browser, {});
    const seen: string[] = [];
    const look = async () => {
      const attempt = attemptOf(page);
      const html = await page.locator("main").evaluate((main) => main.parentElement?.outerHTML ?? "");
      seen.push(
        `${new URL(page.url()).pathname}${new URL(page.url()).search}\n${await page.title()}\n${html}`
          .replaceAll(attempt, "ATTEMPT")
          .replaceAll(encodeURIComponent(login), "LOGIN")
          .replaceAll(login, "LOGIN")
          .replaceAll(/\$ACTION_ID_\w+/g, "ACTION")
          .replaceAll(/again in 0:\d\d/g, "again in CLOCK"),
      );
    };
    await begin(page, login);
    await look();
    await page.getByRole("button", { name: "Phone call" }).click();
    await expect(page.getByRole("button", { name: /Call again in/ })).toBeVisible();
    await look();
    await page.getByLabel("The six digits").fill("123456");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "not right" })).toBeVisible();
    await look();
    await page.getByRole("link", { name: "Try another way" }).click();
    await page.getByRole("link", { name: "I have a code" }).click();
    await untilScripted(page.getByLabel("Access code"));
    await page.getByLabel("Access code").fill("0000-0000-0000-0000");
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "doesn’t open anything" })).toBeVisible();
    await expect(page.getByLabel("Access code")).toHaveValue("0000-0000-0000-0000");
    await look();
    await page.context().close();
    return seen;
  };
  const known = await walk("ada.lovelace");
  expect(await walk(`nobody.${randomUUID().slice(0, 8)}`)).toEqual(known);
  expect(await walk("linus.disabled")).toEqual(known);
});

test("two tabs of one browser keep an attempt each; reload, back and forward are safe; no other browser has them", async ({
  page,
  context,
  browser,
}) => {
  await begin(page, "ada.lovelace");
  const other = await context.newPage();
  await begin(other, "grace.hopper");
  await page.reload();
  await expect(page.getByText("Signing in as ada.lovelace")).toBeVisible();
  await page.getByRole("link", { name: "I have a code" }).click();
  await page.waitForURL(/\/code$/);
  await page.goBack();
  await expect(page.getByText("Signing in as ada.lovelace")).toBeVisible();
  await page.goForward();
  await expect(page.getByLabel("Access code")).toBeVisible();
  await other.reload();
  await expect(other.getByText("Signing in as grace.hopper")).toBeVisible();

  const kept = (await context.cookies()).filter(({ name }) => name.startsWith("sparekey-otp-"));
  expect(kept).toHaveLength(2);
  for (const cookie of kept) expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });

  const stranger = await open(browser, {});
  await stranger.goto(page.url());
  await expect(stranger.getByRole("heading", { name: "This took too long" })).toBeVisible();
  await expect(stranger.getByText("ada")).toHaveCount(0);
  await stranger.context().close();
});

test("above the rate a text costs the browser some work, once for each; it is done without being asked", async ({
  page,
}) => {
  await begin(page, `nobody.${randomUUID().slice(0, 8)}`);
  await page.getByRole("button", { name: "Text message" }).click();
  await page.waitForURL(/\/text$/);
  await sql("update robot_count set count = 50 where key like 'ask/%'");
  await begin(page, `nobody.${randomUUID().slice(0, 8)}`);
  const proofs: string[] = [];
  page.on("request", (request) => {
    const body = request.method() === "POST" ? (request.postData() ?? "") : "";
    if (body.includes("derivedKey")) proofs.push(body);
  });
  await page.getByRole("button", { name: "Text message" }).click();
  await page.waitForURL(/\/check\?way=text$/);
  await page.waitForURL(/\/text$/, { timeout: 30_000 });
  await expect(page.getByRole("heading", { name: "Type the six digits" })).toBeVisible();
  expect(proofs).toHaveLength(1);
});

test("above the rate and without JavaScript the page says what works instead", async ({ browser }) => {
  const page = await open(browser, { javaScriptEnabled: false });
  await begin(page, `nobody.${randomUUID().slice(0, 8)}`);
  await page.getByRole("button", { name: "Phone call" }).click();
  await sql("update robot_count set count = 50 where key like 'ask/%'");
  await begin(page, `nobody.${randomUUID().slice(0, 8)}`);
  await page.getByRole("button", { name: "Phone call" }).click();
  await expect(page).toHaveURL(/\/check\?way=call$/);
  await expect(page.getByRole("alert")).toContainText("A code from the helpdesk works without it.");
  await page.getByRole("link", { name: "I have a code" }).click();
  await expect(page.getByLabel("Access code")).toBeVisible();
  await page.context().close();
});

test("a way that the company has switched off for all is offered to nobody; the others stay", async ({
  page,
}) => {
  const putInForce = (document: object) =>
    sql("insert into policy_version (document) values ($1::jsonb)", [JSON.stringify(document)]);
  const text = page.getByRole("button", { name: /^Text message/ });
  await begin(page, "ada.lovelace");
  await expect(text).toBeVisible();
  await putInForce({ methodsOff: ["sms"] });
  try {
    await expect(async () => {
      await page.reload();
      await expect(text).toBeHidden({ timeout: 500 });
    }).toPass();
    await expect(page.getByRole("button", { name: /^Phone call/ })).toBeVisible();
    await expect(page.getByRole("link", { name: /^I have a code/ })).toBeVisible();
  } finally {
    await putInForce({});
  }
  await expect(async () => {
    await page.reload();
    await expect(text).toBeVisible({ timeout: 500 });
  }).toPass();
});

test("the language follows the browser, and can be changed on any page without losing one's place", async ({
  page,
  browser,
}) => {
  const titles = {
    de: "Wer meldet sich an?",
    es: "¿Quién quiere entrar?",
    fr: "Qui se connecte",
    ja: "サインインする方は",
  };
  for (const [locale, title] of Object.entries(titles)) {
    const reader = await open(browser, { locale });
    await reader.goto("/otp");
    await expect(reader.getByRole("heading", { level: 1 })).toContainText(title);
    await expect(reader.locator("html")).toHaveAttribute("lang", locale);
    await reader.context().close();
  }
  await begin(page, "ada.lovelace");
  const at = page.url();
  await page.locator("summary").click();
  await expectAccessible(page);
  await page.getByRole("button", { name: "العربية" }).click();
  await expect(page.getByRole("heading", { name: "كيف نصل إليك؟" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  expect(page.url()).toBe(at);
});

test("whatever a link or a form brings, the page stays itself", async ({ page, request }) => {
  for (const path of [
    "/otp?app=evil&login=%00%F0%9F%A6%8A%E2%80%AE&problem=x&wait=-1",
    `/otp?login=${"x".repeat(3000)}`,
    "/otp?login=a&login=b&app=payroll&app=payroll",
    "/otp/not-an-attempt",
    "/otp/00000000-0000-4000-8000-000000000000/text",
    "/otp/00000000-0000-4000-8000-000000000000/check?way=fax",
    "/otp/trouble?id=%3Cscript%3E&back=//evil.example/otp",
    "/otp/trouble?back=/otp/../signin/..//evil.example&back=javascript:alert(1)",
  ]) {
    const answer = await page.goto(path);
    expect(answer?.status()).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByText("evil")).toHaveCount(0);
  }
  await begin(page, "🦊\u202e\u0000 ناصر".replace("\u0000", ""));
  await expect(page.getByRole("heading", { name: "How can we reach you?" })).toBeVisible();

  const form = await (await request.get("/otp")).text();
  const action = /name="(\$ACTION_ID_\w+)"/.exec(form.slice(form.indexOf("<main")))?.[1] ?? "";
  const forged = await request.post("/otp", {
    headers: { origin: "https://evil.example" },
    multipart: { [action]: "", login: "ada.lovelace" },
    maxRedirects: 0,
  });
  expect(forged.status()).toBeGreaterThanOrEqual(400);
  expect(forged.headers()["set-cookie"]).toBeUndefined();
});

test("every page forbids frames, foreign scripts and being kept (ASVS V3.4)", async ({ request }) => {
  for (const path of ["/otp", "/payroll", "/signin"]) {
    const headers = (await request.get(path, { maxRedirects: 0 })).headers();
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["content-security-policy"]).toMatch(
      /script-src 'self' 'nonce-[\w+/=]{20,}' 'strict-dynamic';/,
    );
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("same-origin");
    expect(headers["cache-control"]).toContain("no-store");
  }
  const [one, two] = await Promise.all([request.get("/otp"), request.get("/otp")]);
  expect(one.headers()["content-security-policy"]).not.toBe(two.headers()["content-security-policy"]);
  expect((await request.get("/otp")).headers()["content-security-policy"]).not.toContain("unsafe");
});

test("the first load of /otp is at most 1.1 times a bare page's, that of /users 1.6 times", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const bare = await measureBarePage();
  const otp = await measureFirstLoad(product.baseUrl, "/otp");
  expect(otp.gzipBytes).toBeLessThanOrEqual(1.1 * bare.gzipBytes);
  await signIn(page, "helpdesk@sparekey.test");
  const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`);
  const users = await measureFirstLoad(product.baseUrl, "/users", cookies.join("; "));
  expect(users.gzipBytes).toBeLessThanOrEqual(1.6 * bare.gzipBytes);
});

test("a forged Host makes the server fetch nothing from there", async ({ request }) => {
  const asked: string[] = [];
  const elsewhere = createServer((incoming, answer) => {
    asked.push(incoming.url ?? "");
    answer.end();
  });
  await new Promise<void>((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  const host = `localhost:${(elsewhere.address() as AddressInfo).port}`;
  const form = await (await request.get("/otp")).text();
  const action = /name="\$ACTION_ID_(\w+)"/.exec(form.slice(form.indexOf("<main")))?.[1] ?? "";
  const answer = await request.post("/otp", {
    headers: { host, origin: `http://${host}`, "next-action": action, accept: "text/x-component" },
    multipart: { "1_login": "", "1_app": "", "0": '["$K1"]' },
  });
  expect(answer.headers()["x-action-redirect"]).toContain("/otp?problem=empty");
  expect(asked).toEqual([]);
  elsewhere.close();
});
