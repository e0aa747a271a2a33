import type { Browser, Page } from "@playwright/test";
import { expectAccessible } from "./desk";
import { expect, product } from "./product";

/** A text or a call, as the phone that it went to knows it. */
interface Message {
  channel: "sms" | "voice";
  /** Of a call what was spoken, nothing if nobody took it. */
  text: string;
}

/** What arrived on the phone of `to` (E.164), newest first. */
export async function readInbox(to: string): Promise<Message[]> {
  const answer = await fetch(`${product.standinUrl}/inbox?to=${encodeURIComponent(to)}`);
  return (await answer.json()) as Message[];
}

/** What arrived on any phone of a product, newest first. */
export async function readInboxes({ standinUrl }: { standinUrl: string }): Promise<Message[]> {
  return (await (await fetch(`${standinUrl}/inbox`)).json()) as Message[];
}

/** The six digits of a text, or those that a call says one by one; undefined for a message of another kind. */
export function findDigits({ channel, text }: Message): string | undefined {
  return channel === "sms"
    ? /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0]
    : /(?:\d\D{1,12}){6}/.exec(text)?.[0].replace(/\D/g, "");
}

/** Waits for six digits at `to` beyond the `before` messages that were there already, and answers the newest. */
export async function awaitDigits(to: string, before: number): Promise<string> {
  let digits: string | undefined;
  await expect
    .poll(
      async () => {
        const inbox = await readInbox(to);
        [digits] = inbox
          .slice(0, inbox.length - before)
          .map(findDigits)
          .filter((found) => found !== undefined);
        return digits;
      },
      { timeout: 15_000 },
    )
    .toMatch(/^\d{6}$/);
  return digits as string;
}

/** The locked-out user's phone: a browser of its own. */
export async function openPhone(browser: Browser, colorScheme: "light" | "dark" = "light"): Promise<Page> {
  const context = await browser.newContext({
    baseURL: product.baseUrl,
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    colorScheme,
    locale: "en-US",
  });
  return context.newPage();
}

/** From the protected page to the ways, on a phone. */
export async function beginAsUser(phone: Page, login: string): Promise<void> {
  await phone.goto("/payroll");
  await expect(phone).toHaveURL(/\/otp/);
  await expectAccessible(phone);
  await phone.getByLabel("Sign-in name or work e-mail").fill(login);
  await phone.getByRole("button", { name: "Continue" }).click();
  await expect(phone.getByRole("heading", { name: "How can we reach you?" })).toBeVisible();
  await expectAccessible(phone);
}

/** From the ways to where a code is typed. */
export async function haveCode(phone: Page): Promise<void> {
  await phone
    .getByRole("button", { name: /I have a code/ })
    .or(phone.getByRole("link", { name: /I have a code/ }))
    .click();
}

export async function typeCode(phone: Page, code: string): Promise<void> {
  await phone.getByLabel("Access code").fill(code);
  await phone.getByRole("button", { name: "Continue" }).click();
}

export async function expectIn(phone: Page): Promise<void> {
  await expect(phone.getByRole("heading", { name: "You are in" })).toBeVisible();
  await expect(phone).toHaveURL(/\/payroll/);
}
