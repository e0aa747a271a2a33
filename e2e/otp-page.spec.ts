import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { measureBarePage, measureFirstLoad } from "../tools/bench/first-load";
import { expectAccessible, signIn } from "./desk";
import { begin, onPhone, open } from "./otp-page";
import { expect, product, test } from "./product";

test.use(onPhone);

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
