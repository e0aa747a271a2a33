import { appendFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { listWritten } from "../tools/testing/written-code";
import { expect, product } from "./product";

/** Signs a staff member of the demo in, by the form. */
export async function signIn(page: Page, email: string): Promise<void> {
  await page.goto("/users");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill("sparekey-demo");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(/\/users/);
  await page.waitForLoadState("networkidle");
}

/** Looks a user up by keyboard alone, as fast as can be typed, and opens the best match. */
export async function lookUp(page: Page, query: string, name: string): Promise<void> {
  await page.keyboard.press("/");
  await page.keyboard.type(query);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

/** Gives access by the method whose card has `label`, and waits for what `button` does. */
export async function give(page: Page, label: string, button: string, reason = "Lost"): Promise<void> {
  await page.getByRole("radio", { name: new RegExp(`^${label}`) }).check();
  await page.getByRole("radio", { name: reason }).check();
  await page.getByLabel("Ticket").fill("INC-20418");
  await page.getByRole("button", { name: button }).click();
}

/** The access code on the screen, in the symbols of its tiles: 16, of a short one 8. */
export async function readCode(page: Page, length = 16): Promise<string> {
  const tiles = page.getByTestId("code").locator("span.font-mono");
  await expect(tiles).toHaveCount(length);
  const code = (await tiles.allTextContents()).join("");
  for (const written of listWritten(code)) remember(written);
  return code;
}

/** Keeps a secret that was shown, so that the last test can look for it where it must not be. */
export function remember(secret: string): void {
  expect(secret).not.toBe("");
  appendFileSync(`${product.folder}/shown-secrets`, `${secret}\n`);
}

/** What axe says of a page's colours. */
const colourRules = ["color-contrast", "link-in-text-block"];

/**
 * Fails on anything that axe finds: against WCAG 2.2 AA, and against what is good practice. What is still fading in is waited for.
 * @param rules those that are asked alone; all, where none are named.
 */
export async function expectAccessible(page: Page, rules: string[] = []): Promise<void> {
  await expect(page).toHaveTitle(/./);
  await page.evaluate(async () => {
    const fades = document
      .getAnimations()
      .filter((each) => Number(each.effect?.getComputedTiming().endTime) < 1_000);
    await Promise.allSettled(fades.map(({ finished }) => finished));
  });
  // In one page, for there are no frames: else axe opens a second page each time to put their findings together.
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  const { violations } = await (rules.length === 0 ? axe : axe.withRules(rules)).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

/**
 * Looks at a page in dark and light, as wide as a phone and as a desk: it never scrolls sideways, and axe finds nothing: of all its
 * rules in dark, and of colours in light, for the rest is the same. With `E2E_SCREENS` a picture of each goes into that folder.
 */
export async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      if (process.env.E2E_SCREENS !== undefined)
        await page.screenshot({
          path: `${process.env.E2E_SCREENS}/${name}-${colorScheme}-${width}.png`,
          fullPage: true,
        });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([name, width, Math.max(0, over)]).toEqual([name, width, 0]);
    }
    await expectAccessible(page, colorScheme === "light" ? colourRules : []);
  }
}
