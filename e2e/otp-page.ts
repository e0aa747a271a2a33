import { randomInt } from "node:crypto";
import type { Browser, BrowserContextOptions, Locator, Page } from "@playwright/test";
import { runSql } from "./database";
import { expect, product } from "./product";

/** A network of its own, so that no test uses up what another may do; the test's server believes what this machine says. */
const elsewhere = () => ({ "x-forwarded-for": `2001:db8:${randomInt(65_536).toString(16)}::1` });

const phone = { viewport: { width: 390, height: 844 }, locale: "en-GB" };

/** For `test.use`: a phone of somebody who is locked out, in another network for each test. */
export const onPhone = {
  ...phone,
  extraHTTPHeaders: async ({}, use: (headers: Record<string, string>) => Promise<void>) => use(elsewhere()),
};

/** Another such phone, with a browser of its own. */
export async function open(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({
    baseURL: product.baseUrl,
    ...phone,
    extraHTTPHeaders: elsewhere(),
    ...options,
  });
  return context.newPage();
}

/** Does one statement in the database of this worker's product. */
export const sql = (text: string, values?: readonly unknown[]) => runSql(product.databaseUrl, text, values);

/** Lets ten minutes pass for the limits of sending. */
export async function forgetSends(): Promise<void> {
  await sql("update channel_ask set asked_at = asked_at - interval '11 minutes'");
  await sql("update delivery set created_at = created_at - interval '11 minutes'");
}

/** Waits until the page's script has taken the field over: before, a form is sent as plain HTML and comes back empty. */
export const untilScripted = (field: Locator) =>
  expect
    .poll(() => field.evaluate((element) => Object.keys(element).some((key) => key.startsWith("__react"))))
    .toBe(true);

/** What sends the form of a step. */
export const submit = (page: Page) => page.locator("main button[type=submit]").first();

/** The attempt that a page is of. */
export const attemptOf = (page: Page) => new URL(page.url()).pathname.split("/")[2] ?? "";

/** Begins for a name, as far as the ways in. */
export async function begin(page: Page, login: string): Promise<void> {
  await page.goto("/otp?app=payroll");
  await page.locator("#login").fill(login);
  await submit(page).click();
  await page.waitForURL(/\/otp\/[0-9a-f-]{36}$/);
}
