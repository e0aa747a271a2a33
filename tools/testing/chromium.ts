import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { chromium } from "@playwright/test";

const packed = path.resolve("node_modules/.cache/chromium");

const KNOWN = [
  "/usr/bin/chromium-headless-shell",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  `${packed}/chromium.sh`,
];

const findChromium = (): string | undefined =>
  [process.env.CHROMIUM_PATH, ...KNOWN].find((file) => file !== undefined && file !== "" && existsSync(file));

/** The Chromium to test with: the one that CHROMIUM_PATH names, one that is known to be here, or Playwright's own, which may not be. */
export const pathOfChromium = (): string => findChromium() ?? chromium.executablePath();

/** The flags under which Chromium neither needs a sandbox of the system's nor talks to anyone but us. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const run = (program: string, args: string[], environment: Record<string, string> = {}): string =>
  execFileSync(program, args, {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });

const apt = (...args: string[]) => run("apt-get", ["-o", "DPkg::Lock::Timeout=300", ...args]);

/** Debian's package, of which the smaller one does. */
function installFromDebian(): void {
  apt("update", "-qq");
  try {
    apt("install", "-y", "-qq", "--no-install-recommends", "chromium-headless-shell");
  } catch {
    apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
  }
}

/** The one that a package of npm holds, with the libraries that a bare Linux lacks; nobody need be root for it. */
function installFromNpm(): void {
  mkdirSync(packed, { recursive: true });
  run("npm", ["install", "--silent", "--no-save", "--prefix", packed, "@sparticuz/chromium@153.0.0"]);
  const entry = `${packed}/node_modules/@sparticuz/chromium/build/index.js`;
  const program = `import(${JSON.stringify(entry)}).then(async ({ default: it }) => console.log(await it.executablePath()))`;
  const executable = run(process.execPath, ["-e", program], {
    TMPDIR: packed,
    // It lays its libraries out where it is told to be in such a place.
    AWS_LAMBDA_JS_RUNTIME: "nodejs22.x",
  }).trim();
  writeFileSync(
    `${packed}/chromium.sh`,
    `#!/bin/sh\nLD_LIBRARY_PATH="${packed}/al2023/lib" exec "${executable}" "$@"\n`,
    { mode: 0o755 },
  );
}

/**
 * Finds a Chromium, or installs one: Debian's package as root, one out of an npm package otherwise, or Playwright's own download.
 * @throws where none is to be had, saying what to install.
 */
export function ensureChromium(): string {
  const found = pathOfChromium();
  if (existsSync(found)) return found;
  const attempts = [
    ...(process.getuid?.() === 0 && existsSync("/usr/bin/apt-get") ? [installFromDebian] : []),
    ...(process.platform === "linux" && process.arch === "x64" ? [installFromNpm] : []),
    () => run(process.execPath, ["node_modules/@playwright/test/cli.js", "install", "chromium"]),
  ];
  for (const attempt of attempts) {
    try {
      attempt();
    } catch {
      continue;
    }
    const installed = pathOfChromium();
    if (existsSync(installed)) return installed;
  }
  throw new Error(
    "No Chromium found, and none could be installed: install Chromium, or set CHROMIUM_PATH to one.",
  );
}
