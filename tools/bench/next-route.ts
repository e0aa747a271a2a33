import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Statement } from "./statements";

const folder = path.resolve(".build/bench-route");

/** The route reads JSON, runs the statements one after the other by the same driver, prepared, and answers JSON. */
const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "next.config.mjs": `export default { serverExternalPackages: ["pg"], turbopack: { root: ${JSON.stringify(path.resolve("."))} } };\n`,
  "app/layout.js":
    "export default function Layout({ children }) {\n  return <html lang='en'><body>{children}</body></html>;\n}\n",
  "app/verify/route.js": `import { readFileSync } from "node:fs";
import pg from "pg";

let made;
function make() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
  const read = JSON.parse(readFileSync(process.env.STATEMENTS_FILE, "utf8"), (_, value) =>
    value !== null && typeof value === "object" && "hex" in value ? Buffer.from(value.hex, "hex") : value,
  );
  return { pool, ...read };
}

export async function POST(request) {
  const { pool, statements, replaced } = (made ??= make());
  const { attemptId, messageId } = await request.json();
  let rows;
  for (const [index, { text, values }] of statements.entries()) {
    const filled = values.map((value) =>
      value === replaced.attemptId ? attemptId : value === replaced.messageId ? messageId : value,
    );
    ({ rows } = await pool.query({ name: "s" + index, text, values: filled }));
  }
  return Response.json(rows[0]);
}
`,
  "server.mjs": `import { createServer } from "node:http";
import next from "next";

const app = next({ dev: false, dir: import.meta.dirname });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
server.listen(0, "localhost", () => process.send(server.address().port));
process.on("disconnect", () => process.exit(0));
`,
};

function build(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.resolve("node_modules/next/dist/bin/next"), "build"], {
      cwd: folder,
      stdio: "ignore",
      env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    });
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve() : reject(new Error("the bare route was not built")),
    );
  });
}

/** Builds and starts a Next of the same version with nothing but one route handler, which runs the statements. */
export async function startNextRoute(
  databaseUrl: string,
  statements: readonly Statement[],
  replaced: { attemptId: string; messageId: string },
): Promise<{ port: number; pid: number; stop(): Promise<void> }> {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  const statementsFile = path.join(folder, "statements.json");
  const plain = statements.map(({ text, values }) => ({
    text,
    values: values.map((value) =>
      value instanceof Uint8Array ? { hex: Buffer.from(value).toString("hex") } : value,
    ),
  }));
  writeFileSync(statementsFile, JSON.stringify({ statements: plain, replaced }));
  await build();
  const child: ChildProcess = fork(path.join(folder, "server.mjs"), {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      DATABASE_URL: databaseUrl,
      STATEMENTS_FILE: statementsFile,
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve(Number(message)));
    child.once("exit", (code) => reject(new Error(`the bare route did not start (${code})`)));
  });
  return {
    port,
    pid: child.pid as number,
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await gone;
    },
  };
}
