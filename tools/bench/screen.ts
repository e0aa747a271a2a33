import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { listPeople } from "@/tools/proof/people";
import type { Product } from "@/tools/proof/product";
import { chromiumFlags, ensureChromium } from "@/tools/testing/chromium";

const TIMES = 10;

async function signIn(page: Page, baseUrl: string): Promise<void> {
  await page.goto(`${baseUrl}/signin`);
  await page.getByLabel("E-mail").fill("helpdesk@sparekey.test");
  await page.getByLabel("Password").fill("sparekey-demo");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(/\/users/);
}

/** How long from the click until the code stands on the screen, for a user who is open already. */
async function issue(page: Page, url: string): Promise<number> {
  await page.goto(url);
  await page.getByText("Lost", { exact: true }).click();
  const act = page.getByRole("button", { name: "Generate code" });
  await act.waitFor();
  return page.evaluate(() => {
    const button = [...document.querySelectorAll("button")].find((each) =>
      each.textContent?.includes("Generate code"),
    );
    return new Promise<number>((resolve, reject) => {
      const begun = performance.now();
      const look = () => {
        if (document.querySelector("[data-testid=code]") !== null) resolve(performance.now() - begun);
        else if (performance.now() - begun > 20_000) reject(new Error("no code was shown"));
        else requestAnimationFrame(look);
      };
      button?.click();
      look();
    });
  });
}

async function cookieOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** Signs in to the console in a real browser; the cookie of whoever did. */
export async function signInByBrowser(baseUrl: string): Promise<string> {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
  try {
    const context = await browser.newContext({ locale: "en-GB" });
    await signIn(await context.newPage(), baseUrl);
    return await cookieOf(context);
  } finally {
    await browser.close();
  }
}

/**
 * Issues ten access codes on the console's page in a real browser, after one that isn't counted.
 * @returns what each took from click to code in milliseconds, and the cookie of whoever did it.
 */
export async function issueOnScreen({ stack, sql }: Product): Promise<{ took: number[]; cookie: string }> {
  const browser = await chromium.launch({ executablePath: ensureChromium(), args: chromiumFlags });
  try {
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await signIn(page, stack.baseUrl);
    const took: number[] = [];
    for (const { id } of (await listPeople(sql)).slice(0, TIMES + 1))
      took.push(await issue(page, `${stack.baseUrl}/users/${id}`));
    return { took: took.slice(1), cookie: await cookieOf(context) };
  } finally {
    await browser.close();
  }
}
