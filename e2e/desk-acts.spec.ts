import { runSql } from "./database";
import { expectAccessible, give, lookUp, readCode, remember, signIn } from "./desk";
import { beginAsUser, expectIn, haveCode, openPhone, typeCode } from "./phones";
import { expect, product, test } from "./product";

const change = (sql: string) => runSql(product.databaseUrl, sql);

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

test("a code whose answer got lost is said to be issued, and a new one takes its place: one lives, and opens", async ({
  page,
  browser,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "chloe.nguyen", "Chloe Nguyen");
  let lost = "";
  await page.route(
    page.url(),
    async (route) => {
      const answer = await (await route.fetch()).text();
      lost = /"text":"((?:[0-9A-Z]{4}-?){4})"/.exec(answer)?.[1]?.replaceAll("-", "") ?? "";
      remember(lost);
      await route.abort("aborted");
    },
    { times: 1 },
  );
  await give(page, "Access code", "Generate code");
  const problem = page.getByRole("alert").filter({ has: page.getByRole("button") });
  await expect(problem).toContainText("No answer came. Press again: it is never issued twice.");
  await problem.getByRole("button", { name: "Try again" }).click();
  await expect(problem).toContainText("It was issued, but not shown.");
  await expect(page.getByTestId("code")).toHaveCount(0);
  await expectAccessible(page);
  const live = page.getByRole("region", { name: /^Emergency access now/ }).getByRole("listitem");
  await expect(live).toHaveCount(1);
  await problem.getByRole("button", { name: "Make a new one" }).click();
  const code = await readCode(page);
  await expect(problem).toHaveCount(0);
  await expect(live).toHaveCount(1);

  const phone = await openPhone(browser);
  await beginAsUser(phone, "chloe.nguyen");
  await haveCode(phone);
  await typeCode(phone, lost);
  await expect(phone.getByText("This code doesn’t open anything here.")).toBeVisible();
  await typeCode(phone, code);
  await expectIn(phone);
  await phone.context().close();
});

test("the desk sees which dead codes the caller types, the last one first", async ({ page, browser }) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "charlotte.taylor", "Charlotte Taylor");
  await give(page, "Access code", "Generate code");
  const older = await readCode(page);
  await page.getByRole("button", { name: "I have read it out" }).click();
  await give(page, "Access code", "Generate code");
  const newer = await readCode(page);

  const phone = await openPhone(browser);
  await beginAsUser(phone, "charlotte.taylor");
  await haveCode(phone);
  const tried = page.getByRole("listitem").filter({ hasText: /tr(y|ies) of one/ });
  await typeCode(phone, older);
  await expect(
    page.getByText(/^A code that is dead was typed in this name, last at \d\d:\d\d\.$/),
  ).toBeVisible();
  await expect(tried).toHaveText([
    "1 try of one that was replaced: the caller may have the older one before them.",
  ]);
  await expectAccessible(page);

  await page.getByRole("button", { name: "Revoke…" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio").first().check();
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Revoked.")).toBeVisible();
  await typeCode(phone, newer);
  await expect(tried).toHaveText(["1 try of one that was revoked.", /^1 try of one that was replaced/]);
  await phone.context().close();
});

test("who typed five wrong codes waits, with the right one too, until the desk lifts it; who may only read can't", async ({
  page,
  browser,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "lucas.martinez", "Lucas Martinez");
  await give(page, "Access code", "Generate code");
  const code = await readCode(page);

  const phone = await openPhone(browser);
  await beginAsUser(phone, "lucas.martinez");
  await haveCode(phone);
  for (const left of ["4 more tries", "3 more tries", "2 more tries", "one more try"]) {
    await typeCode(phone, "58CQ-QCSH-2DFG-M6HN");
    await expect(phone.getByRole("alert").filter({ hasText: left })).toBeVisible();
  }
  await typeCode(phone, "58CQ-QCSH-2DFG-M6HN");
  await phone.getByRole("button", { name: "Begin again" }).click();
  await haveCode(phone);
  await typeCode(phone, code);
  await expect(phone.getByText("Too many wrong tries. You can go on")).toBeVisible();
  await expectAccessible(phone);

  const heldBack = page.getByText("Too many wrong codes were typed in this name");
  const lift = page.getByRole("button", { name: "Let them try at once" });
  await expect(heldBack).toBeVisible();
  await expectAccessible(page);
  const other = await browser.newContext();
  const auditor = await other.newPage();
  await signIn(auditor, "auditor@sparekey.test");
  await auditor.goto(page.url());
  await expect(auditor.getByText("Too many wrong codes were typed in this name")).toBeVisible();
  await expect(auditor.getByRole("button", { name: "Let them try at once" })).toHaveCount(0);
  await other.close();

  await lift.click();
  await expect(page.getByText("They can go on at once.", { exact: true })).toBeVisible();
  await expect(heldBack).toHaveCount(0);
  await expect(page.getByRole("main")).toBeFocused();
  await typeCode(phone, code);
  await expectIn(phone);
  await phone.context().close();
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

test("a session that ends in the middle of a form says so at the sign-in, and what was filled in is there again, once", async ({
  browser,
}) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto("/signin");
  await expect(page.getByText("Your session has ended")).toHaveCount(0);
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "lov ada", "Ada Lovelace");
  const { pathname } = new URL(page.url());
  await page.getByRole("radio", { name: /^Text message/ }).check();
  await page.getByRole("radio", { name: "Other" }).check();
  await page.getByLabel("Ticket").fill("INC-31");
  await page.getByLabel("In a few words").fill("left it on the train");
  await page.getByRole("checkbox", { name: /first text now$/ }).uncheck();
  await page.getByLabel("Valid for").selectOption("1 h");
  await context.clearCookies();
  await page.getByRole("button", { name: "Allow texts" }).click();

  await expect(page).toHaveURL(/\/signin/);
  await expect(page.getByText("Your session has ended")).toBeVisible();
  await page.getByLabel("E-mail").fill("helpdesk@sparekey.test");
  await page.getByLabel("Password").fill("sparekey-demo");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(pathname);
  await expect(page.getByText("What you had filled in stands here again.")).toBeVisible();
  await expect(page.getByRole("radio", { name: /^Text message/ })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Other" })).toBeChecked();
  await expect(page.getByLabel("Ticket")).toHaveValue("INC-31");
  await expect(page.getByLabel("In a few words")).toHaveValue("left it on the train");
  await expect(page.getByLabel("Valid for")).toHaveValue("3600");
  await expect(page.getByRole("checkbox", { name: /first text now$/ })).not.toBeChecked();
  await expectAccessible(page);
  await page.reload();
  await expect(page.getByLabel("Ticket")).toHaveValue("");
  await expect(page.getByRole("radio", { name: "Other" })).not.toBeChecked();
  await context.close();
});

test("in a narrow window who this is comes before giving, and how access ended is seen without scrolling sideways", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "slow.sam", "Sam Slow");
  const who = page.getByRole("region", { name: "Who this is" });
  const giving = page.getByRole("region", { name: "Give access" });
  const topOf = async (part: typeof who) => (await part.boundingBox())?.y ?? Number.NaN;
  expect(await topOf(who)).toBeLessThan(await topOf(giving));

  await give(page, "Access code", "Generate code");
  await readCode(page);
  await page.getByRole("button", { name: "I have read it out" }).click();
  await giving.getByRole("button", { name: "Generate code" }).click();
  await readCode(page);
  const ended = page.getByRole("region", { name: "Before" }).getByRole("row").nth(1);
  await expect(ended).toContainText("replaced");
  await expect(ended).toContainText("INC-20418");
  const state = await ended.getByText("replaced").boundingBox();
  expect((state?.x ?? 390) + (state?.width ?? 0)).toBeLessThanOrEqual(390);
  await page.setViewportSize({ width: 1280, height: 900 });
  const leftOf = async (part: typeof who) => (await part.boundingBox())?.x ?? Number.NaN;
  expect(await leftOf(who)).toBeGreaterThan(await leftOf(giving));
});

test("the key of a method that can't be given says why, and chooses nothing", async ({ page }) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "turi", "Alan Turing");
  await page.keyboard.press("2");
  await expect(page.getByText(/^Text message: No number for this is in the directory/)).toBeVisible();
  await expect(page.getByRole("radio", { name: /^Access code/ })).toBeChecked();
  await page.keyboard.press("3");
  await expect(page.getByRole("radio", { name: /^Voice call/ })).toBeChecked();
});
