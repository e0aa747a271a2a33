import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const KNOWN = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

function findChromium(): string | undefined {
  return [process.env.CHROMIUM_PATH, ...KNOWN, chromium.executablePath()].find(
    (file) => file !== undefined && file !== "" && existsSync(file),
  );
}

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

/**
 * Finds a Chromium, or installs one: Debian's package as root, Playwright's own download otherwise.
 * @throws where neither is to be had, saying what to install.
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== undefined) return found;
  const attempts: [string, string[]][] = [
    ...(process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")
      ? ([
          ["apt-get", ["-o", "DPkg::Lock::Timeout=300", "update", "-qq"]],
          [
            "apt-get",
            ["-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", "chromium"],
          ],
        ] as [string, string[]][])
      : []),
    [process.execPath, ["node_modules/@playwright/test/cli.js", "install", "chromium"]],
  ];
  for (const [program, args] of attempts) {
    try {
      execFileSync(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    } catch {
      continue;
    }
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    "No Chromium found, and none could be installed: install Chromium, or set CHROMIUM_PATH to one.",
  );
}
