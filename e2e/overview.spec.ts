import { readFileSync } from "node:fs";
import { expectAccessible, give, look, lookUp, readCode, signIn } from "./desk";
import { expect, product, test } from "./product";

test("what the desk reports stolen is told to security on every page, until one of them has looked", async ({
  page,
  browser,
}) => {
  const other = await browser.newContext({ baseURL: product.baseUrl });
  const security = await other.newPage();
  await signIn(security, "security@sparekey.test");
  await security.goto("/policy");
  const told = security.getByRole("complementary", { name: "Reported stolen:" });
  await expect(told).toBeHidden();

  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "grace.hopper", "Grace Hopper");
  await page.getByRole("radio", { name: "Stolen" }).check();
  await expect(page.getByText(/The security admins are told/)).toBeVisible();
  await give(page, "Text message", "Allow texts", "Stolen");
  await expect(page.getByRole("region", { name: /^Emergency access now/ })).toContainText("Text message");
  await expect(page.getByRole("complementary", { name: "Reported stolen:" })).toBeHidden();

  await expect(told).toContainText("Grace Hopper", { timeout: 40_000 });
  await look(security, "theft-bar");
  await told.getByRole("link", { name: "Look" }).click();
  await expect(security.getByRole("heading", { name: "Overview", level: 1 })).toBeVisible();
  const thefts = security.getByRole("region", { name: /^Reported stolen/ });
  await expect(thefts).toContainText("INC-20418");
  await look(security, "overview");
  await thefts.getByRole("button", { name: "I have looked at the theft of Grace Hopper" }).click();
  await expect(thefts).toContainText("Nothing to look at.");
  await look(security, "overview-looked");
  await security.goto("/policy");
  await expect(security.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(told).toBeHidden();
  await other.close();
});

test("a lead sees how it goes, in numbers too, and not what security is told", async ({ page }) => {
  await signIn(page, "lead@sparekey.test");
  await page.goto("/overview");
  const issued = page.getByRole("region", { name: "Issued by day and method" });
  await issued.getByText("As a table").click();
  await expect(issued.getByRole("row")).toHaveCount(31);
  await expect(page.getByRole("region", { name: /^Reported stolen/ })).toBeHidden();
  await look(page, "overview-lead");
});

test("a filter shows what fits it, and a revoked code stands as revoked, without loading the page anew", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await lookUp(page, "turing", "Alan Turing");
  const revoke = async (where: RegExp) => {
    await page.getByRole("region", { name: where }).getByRole("button", { name: "Revoke…" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").first().check();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByText("Revoked.").last()).toBeVisible();
    await expect(dialog).toHaveCount(0);
  };
  await give(page, "Access code", "Generate code");
  await readCode(page);
  await revoke(/^Access code/);
  await give(page, "Access code", "Generate code");
  await readCode(page);
  await page.getByRole("button", { name: "I have read it out" }).click();

  const states = page.getByRole("table").getByRole("row").locator("td:nth-child(4)");
  await page.getByRole("link", { name: "Issued codes" }).click();
  await expect(states.first()).toHaveText("live");
  await expect(states.nth(1)).toHaveText("revoked");
  await page.getByRole("combobox", { name: "State" }).selectOption("live");
  await expect(page).toHaveURL(/state=live/);
  await expect.poll(async () => [...new Set(await states.allTextContents())]).toEqual(["live"]);
  await page.getByRole("combobox", { name: "State" }).selectOption("");
  await expect(states.nth(1)).toHaveText("revoked");

  await lookUp(page, "turing", "Alan Turing");
  await revoke(/^Emergency access now/);
  await expect(page.locator("main")).toBeFocused();
  await page.getByRole("link", { name: "Issued codes" }).click();
  await expect(states.first()).toHaveText("revoked");
});

test("security narrows the log to a user by typing the name, and takes what is left as a file", async ({
  page,
}) => {
  await signIn(page, "security@sparekey.test");
  for (const [path, file] of [
    ["/audit", "audit"],
    ["/grants", "emergency-access"],
  ] as const) {
    await page.goto(path);
    await page.getByRole("combobox", { name: "User" }).fill("sofia");
    await expect(page.getByRole("option", { name: /sms\.sofia/ })).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/user(Id)?=[0-9a-f-]{36}/);
    await expect(page.getByRole("button", { name: /^Take the filter/ })).toBeVisible();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export CSV" }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`^${file}-[\\d-]{10}\\.csv$`));
    const lines = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(lines.length).toBeGreaterThan(1);
    const [userId] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(page.url()) ?? [""];
    for (const line of lines.slice(1)) expect(line).toContain(userId);
  }
});

test("changes of the policy that are not in force aren't lost unasked: by a link, a look-up, the way out or a reload", async ({
  page,
}) => {
  await signIn(page, "security@sparekey.test");
  await page.getByRole("link", { name: "Policy" }).click();
  const minutes = page.getByLabel("Second factor of staff is good for", { exact: true });
  await minutes.fill("14");
  const question = page.getByRole("dialog", { name: "Your changes are not in force." });
  const stay = async () => {
    await question.getByRole("button", { name: "Stay here" }).click();
    await expect(question).toHaveCount(0);
    await expect(minutes).toHaveValue("14");
  };

  await page.getByRole("link", { name: "Audit log" }).click();
  await expect(question).toBeVisible();
  await expectAccessible(page);
  await stay();
  await page.getByLabel("Look a user up").fill("hopp");
  await page.getByLabel("Look a user up").press("Enter");
  await stay();
  await page.getByRole("button", { name: /Security admin$/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await stay();
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  expect((await asked).type()).toBe("beforeunload");
  await (await asked).dismiss();

  await page.getByRole("link", { name: "Audit log" }).click();
  await question.getByRole("button", { name: "Discard and go on" }).click();
  await expect(page.getByRole("heading", { name: "Audit log", level: 1 })).toBeVisible();
  await page.getByRole("link", { name: "Policy" }).click();
  await expect(minutes).toHaveValue("15");
  await minutes.fill("13");
  await page.getByRole("button", { name: "Put in force" }).click();
  await expect(page.getByText("The new policy is in force.")).toBeVisible();
  await page.getByRole("link", { name: "Audit log" }).click();
  await expect(page.getByRole("heading", { name: "Audit log", level: 1 })).toBeVisible();
});
