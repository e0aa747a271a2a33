import type { Locator } from "@playwright/test";
import { expectAccessible } from "./desk";
import { attemptOf, begin, forgetSends, onPhone, open, sql, submit, untilScripted } from "./otp-page";
import { awaitDigits, readInbox } from "./phones";
import { expect, test } from "./product";
import { issueAccessCode, issueRevokedCode } from "./programs";

test.use(onPhone);

/** By how many pixels what is typed stands beside its boxes. */
const shiftOf = (field: Locator) =>
  field.evaluate((digits) => {
    const { left } = digits.closest("div")?.getBoundingClientRect() ?? { left: Number.NaN };
    return digits.getBoundingClientRect().left - digits.scrollLeft - left;
  });

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

test("the way back from the end leads to no form that was there before, however the browser keeps pages", async ({
  page,
}) => {
  const code = await issueAccessCode("grace.hopper");
  await page.goto("/otp");
  await page.locator("#login").fill("grace.hopper");
  await submit(page).click();
  await page.getByRole("link", { name: "I have a code" }).click();
  const field = page.getByLabel("Access code");
  await untilScripted(field);
  const beside = await page.context().newPage();
  await beside.goto(page.url());
  await untilScripted(beside.getByLabel("Access code"));
  await field.fill(code);
  await submit(page).click();
  const end = page.getByRole("heading", { name: "You are in" });
  await expect(end).toBeVisible();
  await page.goBack();
  await expect(end).toBeVisible();
  await expect(page).toHaveURL(/\/in$/);
  await expect(field).toHaveCount(0);

  await beside.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
  await expect(beside).toHaveURL(/\/in$/);
  await expect(beside.getByLabel("Access code")).toHaveCount(0);
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
