import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { look, signIn } from "./desk";
import { expect, product, test } from "./product";

test.describe.configure({ mode: "serial" });
test.use({ actionTimeout: 15_000 });

async function pick(page: Page, name: string, text: string): Promise<void> {
  await page.goto("/directory");
  await page
    .getByLabel("File", { exact: true })
    .setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

const see = (page: Page) => page.getByRole("button", { name: "See what it would change" }).click();

const people = Array.from(
  { length: 30 },
  (_, n) =>
    `imported.${n},Imported Person ${n},imported${n}@example.com,0171 23456${String(n).padStart(2, "0")}`,
).join("\n");
const file = `login,display_name,email,phone_sms\n${people}\nimported.3,Twice,,\nbad.phone,Bad Phone,,12\n,Nobody,,\nnoor,"نور الشريف",noor@example.com,\n`;

test("an owner sees what a file would change, lets it be imported, and takes the refused lines away", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await page.getByRole("link", { name: "Directory" }).click();
  await expect(page.getByText("No file was imported yet.")).toBeVisible();
  await look(page, "directory-empty");

  await pick(page, "people-of-the-plant-in-köln.csv", file);
  await page.getByLabel("Country of the phone numbers").selectOption("DE");
  await see(page);
  await expect(page).toHaveURL(/\/directory\/[0-9a-f-]{36}$/);
  await expect(page.getByText("31 people are added and nobody is changed.")).toBeVisible();
  await expect(page.getByRole("group", { name: "3 lines refused" })).toContainText(
    "the login stands in line 5 already",
  );
  await look(page, "directory-preview");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download all" }).click();
  expect((await download).suggestedFilename()).toMatch(/^refused-.*\.csv$/);
  expect(readFileSync(await (await download).path(), "utf8")).toContain("the login stands in line 5 already");

  await page.context().addCookies([{ name: "sparekey-language", value: "de", url: product.baseUrl }]);
  await page.reload();
  await expect(page.getByText("der Login steht schon in Zeile 5")).toBeVisible();
  await look(page, "directory-preview-german");
  const german = page.waitForEvent("download");
  await page.getByRole("link", { name: "Alle herunterladen" }).click();
  expect(readFileSync(await (await german).path(), "utf8")).toContain("der Login steht schon in Zeile 5");
  await page.context().clearCookies({ name: "sparekey-language" });
  await page.reload();

  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText("What it changed")).toBeVisible();
  await expect(page.getByText("done", { exact: true })).toBeVisible();
  await look(page, "directory-done");
  await page.goto("/users?q=imported+person+7");
  await expect(page.getByRole("link", { name: "Imported Person 7" })).toBeVisible();
  await page.goto("/directory");
  await expect(page.getByRole("link", { name: "people-of-the-plant-in-köln.csv" })).toBeVisible();
  await look(page, "directory-full");
});

test("a file that would disable more than a tenth asks for their number, and can be discarded", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await pick(page, "cut-short.csv", "login\nada.lovelace\ngrace.hopper\n");
  await page.getByLabel("The file lists everybody").check();
  await see(page);
  await expect(
    page.getByText("more than a tenth. A file that was cut short looks just like this."),
  ).toBeVisible();
  await page.getByLabel("How many are disabled? Type the number.").fill("3");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await expect(page.getByText(/^It is \d+\.$/)).toBeVisible();
  await look(page, "directory-tenth");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page).toHaveURL(/\/directory$/);
  await expect(page.getByText("discarded")).toBeVisible();
});

test("a file that can't be read says why", async ({ page }) => {
  await signIn(page, "owner@sparekey.test");
  await pick(page, "broken.csv", 'login,display_name\nada,"Ada\nbob,Bob\n');
  await see(page);
  await expect(page.getByText("The file can’t be read. Nobody was changed.")).toBeVisible();
  await look(page, "directory-failed");
});

test("pieces are taken from a page of ours alone; an auditor sees imports, and helpdesk doesn't", async ({
  page,
  browser,
}) => {
  await signIn(page, "owner@sparekey.test");
  const path = `/api/directory/imports/${crypto.randomUUID()}/pieces/0`;
  const put = (headers: Record<string, string>, data = Buffer.from("login")) =>
    page.request.put(path, { headers, data });
  expect((await put({ origin: "https://evil.example" })).status()).toBe(403);
  expect((await put({})).status()).toBe(403);
  const { origin } = new URL(product.baseUrl);
  expect((await put({ origin })).status()).toBe(422);
  expect((await put({ origin }, Buffer.alloc(256 * 1024))).status()).toBe(422);
  expect((await put({ origin }, Buffer.alloc(256 * 1024 + 1))).status()).toBe(413);

  const auditor = await browser.newPage();
  await signIn(auditor, "auditor@sparekey.test");
  await auditor.goto("/directory");
  await expect(auditor.getByText("Only an owner brings people in.")).toBeVisible();
  await auditor.getByRole("link", { name: "people-of-the-plant-in-köln.csv" }).click();
  await expect(auditor.getByText("What it changed")).toBeVisible();
  await expect(auditor.getByRole("link", { name: "Download all" })).toHaveCount(0);
  const helpdesk = await browser.newPage();
  await signIn(helpdesk, "helpdesk@sparekey.test");
  await helpdesk.goto("/directory");
  await expect(helpdesk.getByText("This part isn’t open to your role.")).toBeVisible();
});
