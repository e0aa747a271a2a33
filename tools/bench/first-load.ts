import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";

/** The script that a browser loads before a page works. */
export interface FirstLoad {
  /** Where the page stands; `bare` for the page to compare with. */
  page: string;
  files: number;
  /** Of all files, each compressed by gzip for itself. */
  gzipBytes: number;
}

/** The scripts that a page's HTML loads; not those for browsers that know no modules. */
function listScripts(html: string): string[] {
  const tags = [...html.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag);
  const sources = tags
    .filter((tag) => !/\snomodule\b/i.test(tag))
    .map((tag) => /\ssrc="([^"]+)"/.exec(tag)?.[1]?.replaceAll("&amp;", "&"));
  return [...new Set(sources.filter((source) => source !== undefined))];
}

function weigh(page: string, scripts: readonly Uint8Array[]): FirstLoad {
  const gzipBytes = scripts.reduce((sum, script) => sum + gzipSync(script).length, 0);
  return { page, files: scripts.length, gzipBytes };
}

/**
 * Weighs the first load of a page that is being served.
 * @param cookie the header of who may see it.
 * @throws where the page isn't answered with 200 at this very address, or loads no script.
 */
export async function measureFirstLoad(baseUrl: string, page: string, cookie?: string): Promise<FirstLoad> {
  const headers = cookie === undefined ? {} : { cookie };
  const answer = await fetch(new URL(page, baseUrl), { headers, redirect: "manual" });
  if (answer.status !== 200) throw new Error(`${page} answered ${answer.status}`);
  const sources = listScripts(await answer.text());
  if (sources.length === 0) throw new Error(`${page} loads no script`);
  const scripts = await Promise.all(
    sources.map(async (source) => {
      const script = await fetch(new URL(source, baseUrl));
      if (!script.ok) throw new Error(`${source} answered ${script.status}`);
      return new Uint8Array(await script.arrayBuffer());
    }),
  );
  return weigh(page, scripts);
}

const bare = path.resolve(".build/bare-page");

const bareFiles: Record<string, string> = {
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "next.config.mjs": `export default { turbopack: { root: ${JSON.stringify(path.resolve("."))} } };\n`,
  "app/layout.js":
    "export default function Layout({ children }) {\n  return <html lang='en'><body>{children}</body></html>;\n}\n",
  "app/page.js": "export default function Page() {\n  return <h1>Bare</h1>;\n}\n",
};

function build(cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const child = spawn(process.execPath, [path.resolve("node_modules/next/dist/bin/next"), "build"], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error(`the bare page was not built\n${said}`)),
    );
  });
}

/** Builds a page with nothing on it by the same Next, unless that was done before, and weighs its first load. */
export async function measureBarePage(): Promise<FirstLoad> {
  const { version } = JSON.parse(readFileSync("node_modules/next/package.json", "utf8")) as {
    version: string;
  };
  const stamp = path.join(bare, "stamp");
  const wanted = JSON.stringify([version, bareFiles]);
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    for (const [file, text] of Object.entries(bareFiles)) {
      mkdirSync(path.dirname(path.join(bare, file)), { recursive: true });
      writeFileSync(path.join(bare, file), text);
    }
    await build(bare);
    writeFileSync(stamp, wanted);
  }
  const html = readFileSync(path.join(bare, ".next/server/app/index.html"), "utf8");
  const scripts = listScripts(html).map((source) =>
    readFileSync(path.join(bare, decodeURI(source.split("?")[0] ?? "").replace(/^\/_next\//, ".next/"))),
  );
  return weigh("bare", scripts);
}
