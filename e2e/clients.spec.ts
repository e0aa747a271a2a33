import { createPrivateKey, generateKeyPairSync, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { SignJWT } from "jose";
import { runSql } from "./database";
import { look, remember, signIn } from "./desk";
import { expect, product, test } from "./product";

/** The line of a legacy key's PEM (2048 bits, PKCS #1) that holds nothing but its private exponent; the lines above it hold the modulus, which is kept. */
const privateLine = 8;

const sql = (text: string) => runSql(product.databaseUrl, text);

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
  remember(file.accessKey.split("\n")[privateLine]);
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

/** Calls by OAuth as the owner of a private key would: the status of the token's answer, or of the call that it is for. */
async function callByOauth(file: Record<string, string>): Promise<{ status: number; token: string }> {
  const { client_id = "", ...key } = file;
  const issuer = `${product.baseUrl}/oauth`;
  const assertion = await new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg: "ES256" })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(issuer)
    .setExpirationTime("2m")
    .sign(createPrivateKey({ key, format: "jwk" }));
  const answer = await fetch(`${issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: assertion,
    }),
  });
  if (!answer.ok) return { status: answer.status, token: "" };
  const { access_token } = (await answer.json()) as { access_token: string };
  return { status: await lookUp(access_token), token: access_token };
}

async function lookUp(token: string): Promise<number> {
  const response = await fetch(`${product.baseUrl}/AdminInterface/restapi/v1/users/lookup`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ username: "ada.lovelace" }),
  });
  return response.status;
}

test("a directory's token is shown once and opens the SCIM door until it is ended", async ({ page }) => {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("Directory (SCIM)");
  await dialog.getByLabel("Name").fill("Entra");
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByText("/scim/v2")).toBeVisible();
  const token = await dialog.getByRole("figure", { name: "Token" }).innerText();
  remember(token);
  const ask = async () => {
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${product.baseUrl}/scim/v2/Users`, { headers })).status;
  };
  expect(await ask()).toBe(200);
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await end(page, "Entra");
  expect(await ask()).toBe(401);
});

test("an OAuth client is made with a key pair, given another, and ended; each old key and token opens nothing", async ({
  page,
}) => {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("OAuth");
  await dialog.getByLabel("Name").fill("Event collector");
  await dialog.getByLabel("rsa.user.read").check();
  await look(page, "clients-oauth-form");

  await dialog.getByLabel("Public key").fill('{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}');
  await dialog.getByRole("button", { name: "Make the key" }).click();
  await expect(dialog.getByText("This is a private key.")).toBeVisible();
  await expect(dialog.getByLabel("Name")).toHaveValue("Event collector");
  await dialog.getByLabel("Public key").fill("");
  await dialog.getByRole("button", { name: "Make the key" }).click();

  const keep = async () => {
    await expect(dialog.getByRole("figure", { name: "Private key" })).toBeVisible();
    const saving = page.waitForEvent("download");
    await dialog.getByRole("button", { name: "Save the file" }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe("Event-collector.jwk.json");
    const file = JSON.parse(await readFile(await saved.path(), "utf8"));
    remember(file.d);
    await look(page, "clients-oauth-secret");
    await dialog.getByRole("button", { name: "I have kept it" }).click();
    await expect(dialog).toBeHidden();
    return file as Record<string, string>;
  };
  const first = await keep();
  const row = page.getByRole("row", { name: /Event collector/ });
  await expect(row).toContainText("1 scope");
  const before = await callByOauth(first);
  expect(before.status).toBe(200);

  await page.getByRole("button", { name: "New key: Event collector" }).click();
  await look(page, "clients-rotate");
  await dialog.getByRole("button", { name: "New key" }).click();
  const second = await keep();
  expect(second.client_id).toBe(first.client_id);
  expect(await lookUp(before.token)).toBe(403);
  expect((await callByOauth(first)).status).toBe(401);
  const after = await callByOauth(second);
  expect(after.status).toBe(200);

  await end(page, "Event collector");
  expect(await lookUp(after.token)).toBe(403);
  expect((await callByOauth(second)).status).toBe(401);
});

test("who brings a public key is told the id and nothing else", async ({ page }) => {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/clients");
  await page.getByRole("button", { name: "New client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Kind").selectOption("OAuth");
  await dialog.getByLabel("Name").fill("Key holder");
  await dialog.getByLabel("rsa.audit.user").check();
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await dialog.getByLabel("Public key").fill(publicKey.export({ type: "spki", format: "pem" }).toString());
  await dialog.getByRole("button", { name: "Make the key" }).click();
  const id = await dialog.getByRole("figure", { name: "Client id" }).innerText();
  expect(id.trim()).toMatch(/^[0-9a-f-]{36}$/);
  await look(page, "clients-oauth-brought");
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await expect(page.getByRole("row", { name: /Key holder/ })).toContainText(id.trim());
  await end(page, "Key holder");
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
