import { expectAccessible, give, lookUp, readCode, signIn } from "./desk";
import { awaitDigits, beginAsUser, expectIn, haveCode, openPhone, readInbox, typeCode } from "./phones";
import { expect, test } from "./product";

for (const colorScheme of ["light", "dark"] as const) {
  test(`access code, ${colorScheme}: looked up, read aloud, a revoked one refused, the next one lets in, and the desk sees it used`, async ({
    page,
    browser,
  }) => {
    await page.emulateMedia({ colorScheme });
    await signIn(page, "helpdesk@sparekey.test");
    await expectAccessible(page);
    await lookUp(page, "lov ada", "Ada Lovelace");
    await expectAccessible(page);

    await give(page, "Access code", "Generate code");
    const first = await readCode(page);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Revoke…" }).first().click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await dialog.getByRole("radio").first().check();
    await dialog.getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByText("Revoked.")).toBeVisible();

    const phone = await openPhone(browser, colorScheme);
    await beginAsUser(phone, "ada.lovelace");
    await haveCode(phone);
    await typeCode(phone, first);
    await expect(phone.getByText("This code doesn’t open anything here.")).toBeVisible();
    await expectAccessible(phone);

    await give(page, "Access code", "Generate code");
    const second = await readCode(page);
    const shown = page.getByRole("region", { name: /^Access code/ });
    await expect(shown).toContainText(/hides in 1:\d\d/);
    await expect(shown).toContainText(/valid until .+ \((3 h 59 min|4 h)\)/i);
    const words = await shown.getByTestId("code").locator("span.font-mono + span").allTextContents();
    for (const [place, symbol] of [...second].entries())
      expect(words[place]).toMatch(
        /\d/.test(symbol) ? /^[A-Z][a-z]+$/ : new RegExp(`^${symbol}[a-z-]+`, "i"),
      );
    await typeCode(phone, "58CQ-QCSH-2DFG-M6HN");
    await expect(page.getByText("1 wrong try")).toBeVisible({ timeout: 20_000 });
    await typeCode(phone, second.toLowerCase().replace(/(.{4})/g, "$1 "));
    await expectIn(phone);
    await expectAccessible(phone);

    const card = page.getByRole("region", { name: /^Access code/ });
    await expect(card.getByText(/^Used at \d\d:\d\d\.$/).last()).toBeVisible({ timeout: 10_000 });
    await expect(card.getByText("used", { exact: true })).toBeVisible();
    await expect(page.getByTestId("code")).toHaveCount(0);
    await expect(card.getByRole("button", { name: "Close" })).toBeFocused();
    await expectAccessible(page);
    await card.getByRole("button").click();
    await expect(card).toHaveCount(0);
    await expect(
      page
        .getByRole("table")
        .getByText(/used|spent/i)
        .first(),
    ).toBeVisible({ timeout: 20_000 });
    await phone.context().close();
  });
}

test("the digits of a call that the desk placed let in where a code is typed, and nothing needs to be asked for", async ({
  page,
  browser,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "aoife", "Aoife O'Brien");
  await page.getByRole("radio", { name: /^Voice call/ }).check();
  await page.getByRole("radio", { name: "Broken" }).check();
  await page.getByRole("checkbox", { name: "Place the first call now" }).check();
  await page.getByRole("button", { name: "Allow calls" }).click();
  const digits = await awaitDigits("+442079460203", 0);
  const phone = await openPhone(browser, "light");
  await beginAsUser(phone, "aoife.obrien");
  await haveCode(phone);
  await typeCode(phone, digits);
  await expectIn(phone);
  await phone.context().close();
  await page.getByRole("button", { name: "Found it again: end all" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio").first().check();
  await dialog.getByRole("button", { name: "End all" }).click();
  await expect(page.getByText("All emergency access has ended.")).toBeVisible();
});

test("an Enter too many neither loses a code nor gives access twice, and the next look-up begins where it should", async ({
  page,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "turi", "Alan Turing");
  await page.getByRole("radio", { name: /^Access code/ }).check();
  await page.getByRole("radio", { name: "Broken" }).check();
  await page.getByLabel("Ticket").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("code")).toBeVisible();
  await page.keyboard.press("Enter");
  await page.waitForTimeout(1_600);
  await readCode(page);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("code")).toHaveCount(0);

  await page.getByRole("radio", { name: /^Voice call/ }).check();
  await page.getByRole("radio", { name: "Broken" }).check();
  await page.getByRole("checkbox", { name: "Place the first call now" }).uncheck();
  await page.getByLabel("Ticket").fill("INC-1");
  await page.keyboard.press("Enter");
  await expect(page.getByText("Calls are open to this user.")).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
  await expect(page.getByRole("radio", { name: /^Voice call/ })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Broken" })).toBeChecked();
  await expect(page.getByLabel("Ticket")).toHaveValue("INC-1");
  const revoke = page.getByRole("button", { name: "Found it again: end all" });
  await lookUp(page, "hopp", "Grace Hopper");
  await lookUp(page, "turi", "Alan Turing");
  await revoke.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(revoke).toBeFocused();
  await revoke.click();
  await dialog.getByRole("radio").first().check();
  await dialog.getByRole("button", { name: "End all" }).click();
  await expect(page.getByText("All emergency access has ended.")).toBeVisible();
});

const ada = { login: "ada.lovelace", name: "Ada Lovelace", query: "lov ada" };
const text = {
  method: "text",
  card: "Text message",
  act: "Allow texts",
  way: /Text message/,
  isByDesk: false,
};
// The user asks for it while the desk's is on its way: that one it is.
const call = { method: "call", card: "Voice call", act: "Allow calls", way: /Phone call/, isByDesk: true };

for (const { method, colorScheme, login, name, query, card, act, way, to, isByDesk } of [
  {
    ...text,
    colorScheme: "light",
    login: "grace.hopper",
    name: "Grace Hopper",
    query: "hopp",
    to: "+12025550103",
  },
  { ...text, colorScheme: "dark", ...ada, to: "+12025550101" },
  {
    ...call,
    colorScheme: "light",
    login: "alan.turing",
    name: "Alan Turing",
    query: "turi",
    to: "+442079460104",
  },
  { ...call, colorScheme: "dark", ...ada, to: "+12025550102" },
] as const) {
  test(`${method}, ${colorScheme}: looked up, allowed, asked for on the phone, its way seen live by the desk, and in`, async ({
    page,
    browser,
  }) => {
    await page.emulateMedia({ colorScheme });
    await signIn(page, "helpdesk@sparekey.test");
    await lookUp(page, query, name);
    const before = (await readInbox(to)).length;
    await page.getByRole("radio", { name: new RegExp(`^${card}`) }).check();
    await page.getByRole("checkbox", { name: /first (text|call) now$/ }).setChecked(isByDesk);
    await give(page, card, act);
    await expect(page.getByText(/are open to this user/)).toBeVisible();

    const phone = await openPhone(browser, colorScheme);
    await beginAsUser(phone, login);
    await phone
      .getByRole("button", { name: way })
      .or(phone.getByRole("link", { name: way }))
      .click();
    await expect(phone.getByRole("heading", { name: "Type the six digits" })).toBeVisible();
    await expectAccessible(phone);
    const digits = await awaitDigits(to, before);
    const sent = page.getByRole("listitem").filter({ hasText: `${method} with six digits` });
    await expect(sent).toContainText("delivered", { timeout: 20_000 });
    await expectAccessible(page);
    await phone.getByLabel("The six digits").fill(digits);
    await phone.getByRole("button", { name: "Continue" }).click();
    await expectIn(phone);
    await expectAccessible(phone);
    await expect(page.getByText(/used once/)).toBeVisible({ timeout: 20_000 });

    await page.getByRole("button", { name: "Found it again: end all" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").first().check();
    await dialog.getByRole("button", { name: "End all" }).click();
    await expect(page.getByText("All emergency access has ended.")).toBeVisible();
    await phone.context().close();
  });
}

test("a short code is read aloud in two groups, and opens", async ({ page, browser }) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await page.getByRole("radio", { name: /^Access code/ }).check();
  await page.getByLabel("Form").selectOption("short");
  await give(page, "Access code", "Generate code");
  const code = await readCode(page, 8);
  await expect(page.getByRole("region", { name: /^Access code/ })).toContainText("online only");
  const phone = await openPhone(browser);
  await beginAsUser(phone, "zoe.nophone");
  await haveCode(phone);
  await typeCode(phone, code.toLowerCase());
  await expectIn(phone);
  await phone.context().close();
});

test("what was chosen stays chosen when the method changes, as far as it allows it, and the keys choose from anywhere", async ({
  page,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "lov ada", "Ada Lovelace");
  const [window, uses] = [page.getByLabel("Valid for"), page.getByLabel("Uses")];
  const method = (name: string) => page.getByRole("radio", { name: new RegExp(`^${name}`) });
  await page.getByRole("radio", { name: "Lost" }).focus();
  await page.keyboard.press("3");
  await expect(method("Voice call")).toBeChecked();
  await window.selectOption("15 min");
  await uses.selectOption("Once");
  await page.getByRole("radio", { name: "Lost" }).focus();
  for (const [key, name] of [
    ["1", "Access code"],
    ["2", "Text message"],
    ["3", "Voice call"],
  ] as const) {
    await page.keyboard.press(key);
    await expect(method(name)).toBeChecked();
    await expect(window).toHaveValue("900");
  }
  await expect(uses).toHaveValue("once");
  await page.keyboard.press("/");
  await expect(page.getByLabel("Look a user up")).toBeFocused();
});

test("the arrows choose in the look-up, and Enter opens what is chosen", async ({ page }) => {
  await signIn(page, "helpdesk@sparekey.test");
  await page.keyboard.press("/");
  await page.keyboard.type("a");
  const rows = page.getByRole("row", { selected: true });
  await expect(page.getByRole("row")).toHaveCount(21);
  const third = page.getByRole("row").nth(3);
  const name = await third.getByRole("link").first().textContent();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key);
  await expect(rows).toHaveCount(1);
  await expect(third).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: name ?? "", level: 1 })).toBeVisible();
});

test("the commands lead to one's account, and out", async ({ page }) => {
  await signIn(page, "helpdesk@sparekey.test");
  const command = async (text: string, name: string) => {
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("What do you want to do?").fill(text);
    await page.getByRole("option", { name, exact: true }).click();
  };
  await command("acc", "Your account");
  await expect(page.getByRole("heading", { name: "Your account", level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option", { name: "Sign out" })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await command("out", "Sign out");
  await expect(page).toHaveURL(/\/signin$/);
  await page.goto("/users");
  await expect(page).toHaveURL(/\/signin\?return=/);
});

test("after a reload the code is gone for good, and the way on is a new one", async ({ page }) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await give(page, "Access code", "Generate code");
  await readCode(page);
  await page.reload();
  await expect(page.getByText("the code was shown once and can’t be shown again")).toBeVisible();
  await expect(page.getByTestId("code")).toHaveCount(0);
});

test("a look-up, a command, a link or the way back loses no code by accident: each asks first, and goes on once it may", async ({
  page,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await give(page, "Access code", "Generate code");
  await readCode(page);
  const question = page.getByRole("dialog", { name: "The code is still on the screen." });
  const stay = async () => {
    await expect(question).toBeVisible();
    await question.getByRole("button", { name: "Stay here" }).click();
    await expect(question).toHaveCount(0);
    await expect(page.getByTestId("code")).toBeVisible();
  };

  await page.keyboard.press("/");
  const hint = page.getByText("Enter looks up, and asks first.");
  await expect(hint).toHaveCount(0);
  await page.keyboard.type("hopp");
  await expect(hint).toBeVisible();
  await expect(page.getByTestId("code")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(question).toBeVisible();
  await expectAccessible(page);
  await stay();
  await page.keyboard.press("Control+k");
  await page.getByRole("option", { name: "Machines" }).click();
  await stay();
  await page.getByRole("link", { name: "Machines" }).click();
  await stay();
  await page.goBack({ waitUntil: "commit", timeout: 1_000 }).catch(() => null);
  await stay();

  await page.getByLabel("Look a user up").press("Enter");
  await question.getByRole("button", { name: "Put it away and go on" }).click();
  await expect(page.getByRole("heading", { name: "Grace Hopper", level: 1 })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/[?&]q=hopp$/);
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Zoë Nophone", level: 1 })).toBeVisible();
  await expect(page.getByTestId("code")).toHaveCount(0);
});

test("a code stays for as long as its reader asks for more time, and then leaves by itself (WCAG 2.2.1)", async ({
  page,
}) => {
  await page.clock.install();
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await give(page, "Access code", "Generate code");
  await readCode(page);
  await page.clock.fastForward(60_000);
  await expect(page.getByText("The code leaves the screen in a few seconds.")).toBeAttached();
  await page.getByRole("button", { name: "More time" }).click();
  await page.clock.fastForward(60_000);
  await expect(page.getByTestId("code")).toBeVisible();
  await page.clock.fastForward(20_000);
  await expect(page.getByTestId("code")).toHaveCount(0);
});

test("Enter before the answer is there, or held down since another page, opens nobody of the rows that still stand there", async ({
  page,
}) => {
  await signIn(page, "helpdesk@sparekey.test");
  await lookUp(page, "zoe no", "Zoë Nophone");
  await page.goto("/users");
  await expect(page.getByRole("row").nth(1)).toContainText("Zoë Nophone");
  await page.waitForLoadState("networkidle");
  const zoe = await page.getByRole("link", { name: "Zoë Nophone" }).getAttribute("href");
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.getByLabel("Look a user up").blur();
  await page.keyboard.down("Enter");
  await page.getByLabel("Look a user up").focus();
  await page.keyboard.down("Enter");
  await page.keyboard.up("Enter");
  let resolve = () => {};
  const release = new Promise<void>((done) => {
    resolve = done;
  });
  await page.route("**/api/look-up?**", async (route) => {
    await release;
    await route.continue();
  });
  await page.keyboard.press("/");
  await page.keyboard.type("hopp");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/[?&]q=hopp/);
  resolve();
  await expect(page.getByRole("heading", { name: "Grace Hopper", level: 1 })).toBeVisible();
  expect(asked).not.toContain(zoe);

  await page.keyboard.press("/");
  await page.keyboard.type("turi");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Alan Turing", level: 1 })).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/[?&]q=turi$/);
  await expect(page.getByLabel("Look a user up")).toHaveValue("turi");
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Grace Hopper", level: 1 })).toBeVisible();
});

test("who may only read is offered no button to give or revoke, and the doors behind refuse as well", async ({
  page,
}) => {
  await signIn(page, "auditor@sparekey.test");
  await lookUp(page, "lovelace", "Ada Lovelace");
  await expect(page.getByRole("button", { name: "Generate code" })).toHaveCount(0);
  await page.goto("/audit");
  await expect(page.getByRole("heading", { name: "Audit log" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Access issued/ }).first()).toBeVisible();
  await expectAccessible(page);
});
