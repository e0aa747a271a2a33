import pg from "pg";
import { expectAccessible, give, lookUp, signIn } from "./desk";
import { expect, product, test } from "./product";

async function change(sql: string): Promise<void> {
  const client = new pg.Client(product.databaseUrl);
  await client.connect();
  await client.query(sql);
  await client.end();
}

const stopIssuing = () =>
  change("update server_state set issuing_stopped_at = now(), issuing_stopped_reason = 'generation'");

test("security changes a number and the hold is shown; helpdesk sees why it can't", async ({
  page,
  browser,
}) => {
  await signIn(page, "security@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await page.getByRole("button", { name: "Change a number…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("New number").fill("12");
  await dialog.getByRole("button", { name: "Change the number" }).click();
  await expect(dialog.getByText("There is no such number.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("New number").fill("+1 202 555 0188");
  await dialog.getByRole("button", { name: "Change the number" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText(/^held until/)).toBeVisible();
  await expectAccessible(page);

  const other = await browser.newContext();
  const desk = await other.newPage();
  await signIn(desk, "helpdesk@sparekey.test");
  await desk.goto(page.url());
  const button = desk.getByRole("button", { name: "Change a number…" });
  await expect(button).toHaveAttribute("aria-disabled", "true");
  await expect(button).toHaveAccessibleDescription(/Security admins and owners change numbers/);
  await expect(desk.getByText(/^held until/)).toBeVisible();
  await expectAccessible(desk);
  await other.close();
});

test("the desk sends a text again that doesn't come, once its wait is over, and no access is given twice", async ({
  page,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "slow.sam", "Sam Slow");
  await give(page, "Text message", "Allow texts");
  const live = page.getByRole("region", { name: /^Emergency access now/ });
  const again = live.getByRole("button", { name: "Send a text" });
  const sent = page.getByRole("region", { name: "On its way" }).getByText(/^Text with six digits/);
  await expect(sent).toHaveCount(1);
  await again.click();
  await expect(page.getByText(/^One was sent just now/)).toBeVisible();
  await expectAccessible(page);
  await change("update challenge set created_at = created_at - interval '1 minute'");
  await again.click();
  await expect(page.getByText(/^A text is on its way/)).toBeVisible();
  await expect(page.getByText(/^One was sent just now/)).toBeHidden();
  await expect(sent).toHaveCount(2);
  await expect(live.getByRole("listitem")).toHaveCount(1);
});

test("staff are told that issuing is stopped, and an owner lets it go on", async ({ page, browser }) => {
  await stopIssuing();
  await signIn(page, "helpdesk@sparekey.test");
  await page.reload();
  const banner = page.getByRole("complementary", { name: "Issuing is stopped." });
  await expect(banner).toBeVisible();
  await expect(banner.getByRole("button")).toHaveCount(0);
  await expectAccessible(page);

  const other = await browser.newContext();
  const owner = await other.newPage();
  await signIn(owner, "owner@sparekey.test");
  await owner.reload();
  await owner.getByRole("button", { name: "Let issuing go on…" }).click();
  await expect(owner.getByRole("dialog")).toBeVisible();
  await expectAccessible(owner);
  await owner.getByRole("button", { name: "I have looked: go on" }).click();
  await expect(owner.getByText("Issuing goes on.")).toBeVisible();
  await expect(owner.getByRole("complementary", { name: "Issuing is stopped." })).toHaveCount(0);
  await other.close();
  await page.reload();
  await expect(banner).toHaveCount(0);
});
