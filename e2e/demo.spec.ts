import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { listDescendants, listProcesses } from "../tools/testing/processes";
import { give, lookUp, signIn } from "./desk";

/** `npm run demo`, as it was started. */
interface Demo {
  pid: number;
  /** What it said until now. */
  said(): string;
  /** Resolves with its exit code. */
  ended: Promise<number | null>;
}

let home: string;
let folder: string;
const started: ChildProcess[] = [];

/** Starts the demo on any free ports, with a database of its own in `--folder`. */
function launch(...args: string[]): Demo {
  const child = spawn(process.execPath, ["tools/run.mjs", "tools/demo/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PORT: "0", STANDIN_PORT: "0", DATABASE_URL: undefined },
  });
  started.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { pid: child.pid as number, said: () => said, ended };
}

interface ReadyDemo extends Demo {
  baseUrl: string;
}

/** Starts the demo on the folder of these tests, and waits until it has said all that it says. */
async function launchReady(...args: string[]): Promise<ReadyDemo> {
  const launched = launch("--folder", folder, ...args);
  let isOver = false;
  void launched.ended.then(() => {
    isOver = true;
  });
  await expect
    .poll(() => isOver || launched.said().includes("Ctrl-C ends everything."), { timeout: 120_000 })
    .toBe(true);
  expect(launched.said()).toMatch(/^Sparekey is ready \(/m);
  return { ...launched, baseUrl: readLine(launched, "Console").replace(/\/users$/, "") };
}

/** What the demo said of `what`. */
function readLine({ said }: Demo, what: string): string {
  return new RegExp(`^ {2}${what} +(\\S+)`, "m").exec(said())?.[1] ?? "";
}

let demo: ReadyDemo;
/** What the browser of the desk kept when the demo ended. */
let kept: Awaited<ReturnType<BrowserContext["storageState"]>>;

/** What stands beside everything that is live. */
const revokes = (page: Page) => page.getByRole("button", { name: "Revoke…" });

test.describe.configure({ mode: "serial" });
test.beforeEach(() => test.setTimeout(240_000));

test.beforeAll(() => {
  home = mkdtempSync("/tmp/sparekey-demo-");
  folder = path.join(home, "data");
});

test.afterAll(async () => {
  await Promise.all(
    started.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
    }),
  );
  rmSync(home, { recursive: true, force: true });
});

test("the demo that says it is ready answers, and who signs in as it says is in and finds whom it names", async ({
  browser,
}) => {
  demo = await launchReady();
  for (const page of ["/healthz", "/otp", "/signin", "/docs/api"])
    expect((await fetch(demo.baseUrl + page, { redirect: "manual" })).status, page).toBe(200);
  expect((await fetch(readLine(demo, "The phones"))).status).toBe(200);

  expect(readLine(demo, "Password")).toBe("sparekey-demo");
  expect(readLine(demo, "Try it with")).toBe("ada.lovelace");
  const context = await browser.newContext({ baseURL: demo.baseUrl });
  const page = await context.newPage();
  await signIn(page, readLine(demo, "Sign in as"));
  await lookUp(page, "ada lov", "Ada Lovelace");
  await give(page, "Access code", "Generate code");
  await expect(page.getByTestId("code").locator("span.font-mono")).toHaveCount(16);
  kept = await context.storageState();
  await context.close();
});

test("a second start on the same folder, afresh too, touches nothing and says what to do", async () => {
  for (const args of [[], ["--fresh"]]) {
    const second = launch("--folder", folder, ...args);
    expect(await second.ended).toBe(1);
    expect(second.said()).toBe(
      `The demo runs already, at ${demo.baseUrl}/users. End it first: Ctrl-C where it was started.\n`,
    );
  }
  expect((await fetch(`${demo.baseUrl}/healthz`)).status).toBe(200);
});

test("SIGTERM ends the demo and every process that it started", async () => {
  const running = listDescendants(demo.pid);
  for (const part of ["api-server.mjs", "tools-standin-main.mjs", path.join(folder, "postgres")])
    expect(running.map(({ command }) => command).filter((command) => command.includes(part))).not.toEqual([]);
  process.kill(demo.pid, "SIGTERM");
  expect(await demo.ended).toBe(0);
  expect(demo.said()).toContain("SIGTERM: ending everything.");
  const pids = new Set(running.map(({ pid }) => pid));
  await expect.poll(() => listProcesses().filter(({ pid }) => pids.has(pid))).toEqual([]);
});

test("started again, the demo is as it was left: who was signed in still is, and the code lives", async ({
  browser,
}) => {
  demo = await launchReady();
  const context = await browser.newContext({ baseURL: demo.baseUrl, storageState: kept });
  const page = await context.newPage();
  await page.goto("/users");
  await lookUp(page, "ada lov", "Ada Lovelace");
  await expect(revokes(page).first()).toBeVisible();
  await context.close();
  process.kill(demo.pid, "SIGTERM");
  expect(await demo.ended).toBe(0);
});

test("--fresh starts over: nobody is signed in, and nobody has a code", async ({ browser }) => {
  demo = await launchReady("--fresh");
  const context = await browser.newContext({ baseURL: demo.baseUrl, storageState: kept });
  const page = await context.newPage();
  await page.goto("/users");
  await expect(page).toHaveURL(/\/signin/);
  await signIn(page, readLine(demo, "Sign in as"));
  await lookUp(page, "ada lov", "Ada Lovelace");
  await expect(page.getByRole("radio", { name: /^Access code/ })).toBeVisible();
  await expect(revokes(page)).toHaveCount(0);
  await context.close();
});

test("a folder that holds something else is never emptied", async () => {
  const other = path.join(home, "letters");
  mkdirSync(other);
  writeFileSync(path.join(other, "letter.txt"), "Dear Ada");
  const refused = launch("--folder", other, "--fresh");
  expect(await refused.ended).toBe(1);
  expect(refused.said()).toBe(`${other} holds something else than a demo: name a folder of its own.\n`);
  expect(readdirSync(other)).toEqual(["letter.txt"]);
});
