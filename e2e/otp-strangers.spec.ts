import { randomUUID } from "node:crypto";
import { attemptOf, begin, onPhone, open, sql, untilScripted } from "./otp-page";
import { expect, test } from "./product";

test.use(onPhone);

/** What a test here used up is nobody else's. */
test.afterAll(() => sql("delete from robot_count where key like 'ask/%'"));

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
