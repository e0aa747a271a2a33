import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { runSql } from "./database";
import { give, look, lookUp, readCode, remember, signIn } from "./desk";
import { expect, product, test } from "./product";

const sql = (text: string) => runSql(product.databaseUrl, text);

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A ticket system on this machine. */
async function openReceiver() {
  const received: Received[] = [];
  const receiver = {
    received,
    url: "",
    answer: (response: ServerResponse): unknown => response.writeHead(204).end(),
    close: () => server.close(),
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push({ headers: request.headers, body });
      receiver.answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/sparekey`;
  return receiver;
}

const verify = (secret: string, { body, headers }: Received) =>
  new Webhook(secret).verify(body, headers as Record<string, string>) as { type: string; data: object };

test("an owner has a ticket system told: tried, verified, failed, given up, sent anew, gone", async ({
  page,
  browser,
}) => {
  test.slow();
  const receiver = await openReceiver();
  await signIn(page, "owner@sparekey.test");
  await page.getByRole("link", { name: "Webhooks" }).click();
  await expect(page.getByText("Nobody is told yet.")).toBeVisible();
  await look(page, "outgoing-empty");

  await page.getByRole("button", { name: "New endpoint" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Ticket system");
  await dialog.getByLabel("Address").fill("https://169.254.169.254/latest/meta-data");
  await look(page, "outgoing-form");
  await dialog.getByRole("button", { name: "Make the endpoint" }).click();
  await expect(dialog.getByText("This address isn’t of the Internet.")).toBeVisible();
  await look(page, "outgoing-refused");
  await dialog.getByLabel("Address").fill(receiver.url);
  await dialog.getByRole("button", { name: "Make the endpoint" }).click();
  const secret = await dialog.getByRole("figure", { name: "Secret" }).innerText();
  remember(secret.slice("whsec_".length));
  await look(page, "outgoing-secret");
  await page.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  await expect(dialog).toBeHidden();

  const endpoint = page.getByRole("list", { name: "Endpoints" }).getByRole("listitem").first();
  await expect(endpoint).toContainText("active");
  await page.getByRole("button", { name: "Try it: Ticket system" }).click();
  const tried = page.getByRole("row", { name: /Try of an owner/ });
  await expect(tried).toContainText("delivered");
  expect(verify(secret, receiver.received[0] as Received)).toMatchObject({ type: "webhook.test" });

  const other = await browser.newContext();
  const desk = await other.newPage();
  await signIn(desk, "helpdesk@sparekey.test");
  await expect(desk.getByRole("link", { name: "Webhooks" })).toHaveCount(0);
  await lookUp(desk, "grace", "Grace Hopper");
  receiver.answer = (response) => response.writeHead(500).end("The queue is full. Come again.");
  await give(desk, "Access code", "Generate");
  const code = await readCode(desk);
  const given = page.getByRole("row", { name: /Access given/ });
  await expect(given).toContainText("again");
  await expect(endpoint).toContainText("failing");
  await given.getByRole("button", { name: /Details/ }).click();
  await expect(page.getByText("answered 500").first()).toBeVisible();
  await expect(page.getByText("The queue is full. Come again.").first()).toBeVisible();
  await expect(page.getByRole("figure", { name: "Body" })).toContainText("grace.hopper");
  await look(page, "outgoing-failing");
  expect(receiver.received.map(({ body }) => body).join()).not.toContain(code);

  await sql("update webhook_message set state = 'dead', ended_at = now() where state = 'waiting'");
  await expect(given).toContainText("dead");
  await look(page, "outgoing-dead");
  receiver.answer = (response) => response.writeHead(200).end();
  await page.getByRole("button", { name: "Send the dead again: Ticket system" }).click();
  await look(page, "outgoing-replay");
  await dialog.getByRole("button", { name: "Send the dead again" }).click();
  await expect(given).toContainText("delivered");
  await expect(endpoint).toContainText("active");
  const issued = receiver.received.filter(({ body }) => body.includes("grant.issued"));
  expect(new Set(issued.map(({ headers }) => headers["webhook-id"])).size).toBe(1);

  await page.getByRole("button", { name: "New secret: Ticket system" }).click();
  await dialog.getByRole("button", { name: "New secret" }).click();
  const next = await dialog.getByRole("figure", { name: "Secret" }).innerText();
  remember(next.slice("whsec_".length));
  await dialog.getByRole("button", { name: "I have kept it" }).click();
  receiver.answer = (response) => response.writeHead(410).end();
  await page.getByRole("button", { name: "Try it: Ticket system" }).click();
  await expect(endpoint).toContainText("disabled: it answered 410");
  const last = receiver.received.at(-1) as Received;
  expect(verify(next, last)).toEqual(verify(secret, last));
  await expect(tried.first()).toContainText("held");
  await look(page, "outgoing-gone");

  expect((await desk.goto("/outgoing"))?.status()).toBe(403);
  await other.close();
  receiver.close();
});
