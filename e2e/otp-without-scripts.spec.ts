import { begin, forgetSends, onPhone, open, submit } from "./otp-page";
import { awaitDigits, readInbox } from "./phones";
import { expect, test } from "./product";
import { issueAccessCode } from "./programs";

test.use(onPhone);

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
