import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { SignJWT } from "jose";
import pg from "pg";
import { expectAccessible, remember, signIn } from "./desk";
import { expect, product, test } from "./product";

/** Keeps a picture of the page where pictures are asked for, in both widths and colours; looks at it with axe. */
async function look(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      if (process.env.E2E_SCREENS !== undefined)
        await page.screenshot({ path: `${process.env.E2E_SCREENS}/${name}-${colorScheme}-${width}.png` });
    }
    await expectAccessible(page);
  }
}

async function sql(text: string): Promise<void> {
  const client = new pg.Client(product.databaseUrl);
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** Asks the door of the Authentication API as a relying system would. */
async function askAuthn(key: string): Promise<number> {
  const response = await fetch(`${product.baseUrl}/mfa/v1_1/authn/initialize`, {
    method: "POST",
    headers: { "client-key": key, "content-type": "application/json" },
    body: JSON.stringify({ clientId: "vpn", subjectName: "ada.lovelace", context: { messageId: "1" } }),
  });
  return response.status;
}

async function end(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `End: ${name}` }).click();
  const dialog = page.getByRole("dialog", { name: `End ${name}?` });
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("group", { name: "Clients" }).getByText(name)).toBeVisible();
  await page.getByRole("button", { name: `End: ${name}` }).click();
  await dialog.getByRole("button", { name: "End", exact: true }).click();
  await expect(page.getByRole("group", { name: "Ended" }).getByText(name)).toBeVisible();
}

test("a client key is shown once, opens the Authentication API, and opens nothing once it is ended", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await page.getByRole("link", { name: "Clients" }).click();
  await look(page, "clients");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("What do you want to do?").fill("New client");
  await page.getByRole("option", { name: "New client", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Payroll");
  await look(page, "clients-form");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const secret = dialog.getByRole("figure", { name: "Client key" });
  const key = await secret.innerText();
  expect(key.length).toBeGreaterThanOrEqual(32);
  remember(key);
  await look(page, "clients-secret");
  expect(await askAuthn(key)).toBe(200);

  await page.keyboard.press("Escape");
  await expect(secret).toBeVisible();
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await expect(dialog).toBeHidden();
  const row = page.getByRole("row", { name: /Payroll/ });
  await expect(row).toContainText("Client key");
  await page.reload();
  await expect(row).toBeVisible();
  expect(await page.content()).not.toContain(key);

  await end(page, "Payroll");
  expect(await askAuthn(key)).toBe(403);
  await look(page, "clients-ended");
});

test("a legacy key is saved as the file that RSA's tools read, and opens the Cloud Administration API until it is ended", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("Legacy key");
  await dialog.getByLabel("Name").fill("Ticket system");
  await dialog.getByLabel("Role").selectOption("Integration");
  await look(page, "clients-legacy-form");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByRole("figure", { name: "Key file" })).toBeVisible();
  await look(page, "clients-legacy-secret");
  const saving = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save the file" }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("Ticket-system.key.json");
  const file = JSON.parse(await readFile(await saved.path(), "utf8"));
  remember(file.accessKey.split("\n")[5]);
  await dialog.getByRole("button", { name: "I have kept it" }).click();

  const ask = async () => {
    const token = await new SignJWT({ sub: file.accessID, aud: file.adminRestApiUrl })
      .setProtectedHeader({ alg: "RS256" })
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(createPrivateKey(file.accessKey));
    const response = await fetch(`${file.adminRestApiUrl}/v1/users/lookup`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ username: "ada.lovelace" }),
    });
    return response.status;
  };
  expect(await ask()).toBe(200);
  await end(page, "Ticket system");
  expect(await ask()).toBe(403);
});

test("who may only read sees the clients and why they make none; the helpdesk doesn't see them at all", async ({
  page,
  browser,
}) => {
  await signIn(page, "security@sparekey.test");
  await page.goto("/clients");
  await expect(page.getByRole("row", { name: /authn-client-key/ })).toBeVisible();
  const create = page.getByRole("button", { name: "New client" });
  await expect(create).toHaveAttribute("aria-disabled", "true");
  await expect(create).toHaveAccessibleDescription("Only an owner makes and ends clients.");
  await expect(page.getByRole("button", { name: /^End/ })).toHaveCount(0);
  await look(page, "clients-read-only");

  const other = await browser.newContext();
  const desk = await other.newPage();
  await signIn(desk, "helpdesk@sparekey.test");
  await expect(desk.getByRole("link", { name: "Clients" })).toHaveCount(0);
  expect((await desk.goto("/clients"))?.status()).toBe(403);
  await other.close();
});

test("an eleventh key of a kind is refused with the reason, and a failure keeps what was typed", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await sql(`insert into client (kind, name, secret_digest, ended_at)
    select 'client_key', 'Filler ' || n, sha256(('filler' || n)::bytea), null from generate_series(1, 9) n`);
  await page.goto("/clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("One more");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Ten of this kind live already");
  await expect(dialog.getByLabel("Name")).toHaveValue("One more");
  await look(page, "clients-full");
  await sql("delete from client where name like 'Filler %'");
});
