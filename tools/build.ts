import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { agentFile, buildAgent } from "./build-agent";

const INPUTS = [
  "agent",
  "app",
  "api",
  "components",
  "lib",
  "db",
  "public",
  "next.config.mjs",
  "package-lock.json",
  "proxy.ts",
  "postcss.config.mjs",
  "tsconfig.json",
  "tools/run.mjs",
  "tools/build.ts",
  "tools/build-agent.ts",
  "tools/standin",
];
const STAMP = ".build/stamp";

function* listFiles(at: string): Generator<string> {
  const stat = statSync(at, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) yield at;
  else for (const name of readdirSync(at).sort()) yield* listFiles(path.join(at, name));
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const input of INPUTS) {
    for (const file of listFiles(input)) {
      if (/\.test\.tsx?$/.test(file) || file.startsWith("agent/dist/")) continue;
      hash.update(file).update("\0").update(readFileSync(file)).update("\0");
    }
  }
  return hash.digest("hex");
}

function run(args: string[], quiet: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const child = spawn(process.execPath, args, {
      stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`${args.join(" ")} failed\n${said}`)),
    );
  });
}

/** Builds the console, the server and the program for machines for production into `.next`, `.build` and `agent/dist`, unless what stands there was built from these very files. */
export async function ensureBuilt(options: { quiet?: boolean } = {}): Promise<void> {
  const wanted = fingerprint();
  if (
    existsSync(".next/BUILD_ID") &&
    existsSync(agentFile) &&
    existsSync(STAMP) &&
    readFileSync(STAMP, "utf8") === wanted
  )
    return;
  const quiet = options.quiet ?? false;
  await run(["node_modules/next/dist/bin/next", "build"], quiet);
  for (const entry of ["api/server.ts", "tools/standin/main.ts"])
    await run(["tools/run.mjs", entry, "--bundle-only"], quiet);
  await buildAgent();
  writeFileSync(STAMP, wanted);
}
