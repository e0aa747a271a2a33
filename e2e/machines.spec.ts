import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { runSql } from "./database";
import { give, look, lookUp, readCode, remember, signIn } from "./desk";
import { expect, product, test } from "./product";

test.describe.configure({ mode: "serial" });
test.use({ actionTimeout: 15_000 });

const folder = path.join(tmpdir(), `sparekey-machine-${randomUUID()}`);
test.beforeAll(() => {
  for (const each of ["etc/systemd/system", "etc/pam.d"])
    mkdirSync(path.join(folder, each), { recursive: true });
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

const state = path.join(folder, "state");
const program = path.join(folder, "usr/local/lib/sparekey/sparekey-agent.mjs");

/** Runs lines of the console in a shell as they stand there, but for the places that only root may write. */
async function runLines(lines: string): Promise<string> {
  const here = lines
    .replaceAll(/(?<=\s)\/(usr\/local\/lib\/sparekey|etc\/systemd\/system|etc\/pam\.d)/g, `${folder}/$1`)
    .replaceAll(/(sparekey-agent\.mjs (?:enroll|sync))/g, `$1 --state ${state}`);
  const { stdout } = await promisify(execFile)("bash", ["-e", "-c", here]);
  return stdout;
}

/** Runs the agent that those lines fetched; the answer counts, not whether it is a yes. */
async function agent(args: readonly string[], input = ""): Promise<string> {
  const run = promisify(execFile)(process.execPath, [program, ...args, "--state", state]);
  run.child.stdin?.end(input);
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  return `${stdout}${stderr}`.trim();
}

const sql = (text: string, values: readonly unknown[]) => runSql(product.databaseUrl, text, values);

const linesOf = (page: Page, label: RegExp) =>
  page.getByRole("figure").filter({ hasText: label }).locator("pre").innerText();

test("a machine enrols by the lines of the console, is judged before it loses its network, and empties when it reports; revoked it is gone with all that it held", async ({
  page,
  browser,
}) => {
  await signIn(page, "security@sparekey.test");
  await page.goto("/machines");
  await look(page, "list-empty");

  await page.getByRole("link", { name: "Enrol a machine" }).click();
  await page.getByLabel("Name of the machine").fill("DESK 4");
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(page.getByText("1 to 63 letters, digits and hyphens")).toBeVisible();
  await look(page, "enrol-bad");
  await page.getByLabel("Name of the machine").fill("DESK-4");
  await page.getByRole("combobox", { name: "Who uses it" }).fill("grace");
  await expect(page.getByRole("option", { name: /Grace Hopper/ })).toBeVisible();
  await look(page, "enrol-picker");
  await page.getByRole("combobox", { name: "Who uses it" }).press("Enter");
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(page.getByText("DESK-4, for 1 user")).toBeVisible();
  await expect(page.getByRole("timer")).toContainText(/token good for 9:\d\d/);
  await expect(page.getByText("Waiting for DESK-4")).toBeVisible();
  await look(page, "enrol-token");

  const enrolLines = await linesOf(page, /^Enrol, and take/);
  remember(/--token (\S+)/.exec(enrolLines)?.[1] ?? "");
  expect(await runLines(await linesOf(page, /^Fetch the agent/))).toContain("sparekey-agent.mjs: OK");
  expect(await runLines(enrolLines)).toContain("enrolled as DESK-4");
  await expect(page.getByText("DESK-4 is enrolled")).toBeVisible();
  await expect(page.getByText(/It holds its first package, good until/)).toBeVisible();
  await look(page, "enrol-done");
  await page.getByRole("link", { name: "Open DESK-4" }).click();

  const preflight = page.getByRole("region", { name: "If it lost its network now" });
  await agent(["sync"]);
  await expect(preflight.getByRole("listitem")).toContainText(
    /Grace Hopper.*Yes, until .*1 further code after it/s,
  );
  await look(page, "machine-ready");
  await preflight.getByRole("combobox", { name: "Put a user on it" }).fill("turing");
  await expect(preflight.getByRole("option", { name: /Alan Turing/ })).toBeVisible();
  await preflight.getByRole("combobox", { name: "Put a user on it" }).press("Enter");
  await expect(preflight.getByRole("listitem").filter({ hasText: "Alan Turing" })).toContainText(
    "its package has no code of this user left",
  );

  const deskContext = await browser.newContext({ baseURL: product.baseUrl });
  const desk = await deskContext.newPage();
  await signIn(desk, "helpdesk@sparekey.test");
  await lookUp(desk, "grace.hopper", "Grace Hopper");
  await give(desk, "Access code", "Generate code");
  const code = await readCode(desk);
  await expect(desk.getByRole("region", { name: /^Access code/ })).toContainText("DESK-4");

  const codes = page.getByRole("region", { name: "Codes that may open it" });
  await expect(codes).toContainText(/Grace Hopper.*may open it until/s);
  expect(await agent(["verify", "--user", "somebody.else"], code)).toBe("no no_such_user");
  await desk.getByRole("button", { name: "Revoke…" }).first().click();
  const ending = desk.getByRole("dialog");
  await ending.getByRole("radio").first().check();
  await ending.getByRole("button", { name: "Revoke" }).click();
  await expect(desk.getByRole("region", { name: /Where ended codes may still open/ })).toContainText(
    /DESK-4.*may still work until/s,
  );
  await expect(codes).toContainText(/may still open it until/);
  await look(page, "machine-full");

  await agent(["sync"]);
  await expect(codes).toContainText(/can’t open it since/);
  await expect(desk.getByRole("region", { name: /Where ended codes may still open/ })).toContainText(
    "nowhere",
  );
  const receipts = page.getByRole("region", { name: "What it answered without us" });
  await expect(receipts.getByRole("row").nth(1)).toContainText("not on it");
  await expect(preflight.getByRole("listitem").filter({ hasText: "Alan Turing" })).toContainText(
    /Yes, until/,
  );

  const id = /machines\/([0-9a-f-]{36})/.exec(page.url())?.[1] as string;
  await sql("insert into machine_alarm (machine_id, kind, details) values ($1, 'gap', $2)", [
    id,
    JSON.stringify({ from: 4, to: 6 }),
  ]);
  await page.goto("/machines?look=alarm");
  await expect(page.getByRole("row", { name: /DESK-4/ })).toContainText("Grace Hopper");
  await look(page, "list-alarm");
  await page.getByRole("button", { name: "Looked at: Answers are missing of DESK-4" }).click();
  await expect(page.getByRole("region", { name: "To look at" })).toHaveCount(0);
  await page.getByRole("button", { name: "Clear filters" }).click();
  await page.getByRole("link", { name: "DESK-4" }).click();

  await test.step("the desk may read all of it, and change nothing", async () => {
    await desk.goto("/machines");
    await expect(desk.getByRole("button", { name: "Enrol a machine" })).toHaveAttribute(
      "aria-disabled",
      "true",
    );
    await look(desk, "list-desk");
    await desk.goto(`/machines/${id}`);
    for (const name of ["Release", "Revoke as lost or stolen", "Take Grace Hopper off"])
      await expect(desk.getByRole("button", { name })).toHaveAttribute("aria-disabled", "true");
    await expect(desk.getByText("Security admins and owners do this.").first()).toBeVisible();
    await expect(desk.getByRole("combobox", { name: "Put a user on it" })).toHaveCount(0);
    await look(desk, "machine-desk");
    await desk.goto("/machines/enrol");
    await expect(desk.getByRole("heading", { name: "This part isn’t open to your role." })).toBeVisible();
  });
  await deskContext.close();

  await page.getByRole("button", { name: "Revoke as lost or stolen" }).click();
  const dialog = page.getByRole("dialog", { name: "Revoke DESK-4?" });
  await expect(dialog).toContainText(/codes that could still be issued for it never will be/);
  await look(page, "revoke");
  await dialog.getByRole("radio", { name: "Stolen" }).check();
  await dialog.getByLabel("More about it").fill("from a car");
  await dialog.getByRole("button", { name: "Revoke it and all that it holds" }).click();
  await expect(page.getByText(/^Revoked .* by /)).toBeVisible();
  await expect(page.getByText("Stolen: from a car")).toBeVisible();
  await expect(page.getByText(/What it held may open it until/)).toBeVisible();
  await look(page, "machine-revoked");
  await agent(["sync"]);
  expect(await agent(["verify", "--user", "grace.hopper"], code)).toMatch(/^unknown/);
  await page.reload();
  await expect(page.getByText("Nothing that it held can open it any more.")).toBeVisible();
  await page.goto("/machines?show=ended");
  await expect(page.getByRole("row", { name: /DESK-4/ })).toContainText("revoked");
});

test("the signing key rotates in three steps, each of which says what it means", async ({ page }) => {
  await signIn(page, "owner@sparekey.test");
  await page.goto("/machines");
  const key = page.getByRole("region", { name: "Signing key" });
  await key.getByText("How it rotates").click();
  await key.getByRole("button", { name: "Announce the next key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Announce the next key" }).click();
  await expect(key).toContainText("announced");
  await look(page, "keys");
  await key.getByRole("button", { name: "Put it in force" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Put it in force" }).click();
  await expect(key).toContainText("still pinned");
  await key.getByRole("button", { name: "End this key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End this key" }).click();
  await expect(key.getByText("still pinned")).toHaveCount(0);
});
