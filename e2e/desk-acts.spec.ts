import { expectAccessible, lookUp, signIn } from "./desk";
import { expect, test } from "./product";

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
