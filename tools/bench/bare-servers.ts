import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Statement } from "./statements";

const folder = path.resolve(".build/bench-route");

/** Reads an attempt, runs the statements one after the other by the same driver, prepared, and answers a row. */
const verify = `import { readFileSync } from "node:fs";
import pg from "pg";

let made;
function make() {
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
  const read = JSON.parse(readFileSync(process.env.STATEMENTS_FILE, "utf8"), (_, value) =>
    value !== null && typeof value === "object" && "hex" in value ? Buffer.from(value.hex, "hex") : value,
  );
  return { pool, ...read };
}

export async function verify({ attemptId, messageId }) {
  const { pool, statements, replaced } = (made ??= make());
  let rows;
  for (const [index, { text, values }] of statements.entries()) {
    const filled = values.map((value) =>
      value === replaced.attemptId ? attemptId : value === replaced.messageId ? messageId : value,
    );
    ({ rows } = await pool.query({ name: "s" + index, text, values: filled }));
  }
  return rows[0];
}
`;

const listen = `server.listen(0, "localhost", () => process.send(server.address().port));
process.on("disconnect", () => process.exit(0));
`;

const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ private: true, type: "module" }),
  "next.config.mjs": `export default { serverExternalPackages: ["pg"], turbopack: { root: ${JSON.stringify(path.resolve("."))} } };\n`,
  "verify.js": verify,
  "app/layout.js":
    "export default function Layout({ children }) {\n  return <html lang='en'><body>{children}</body></html>;\n}\n",
  "app/verify/route.js": `import { verify } from "../../verify.js";

export async function POST(request) {
  return Response.json(await verify(await request.json()));
}
`,
  "next.mjs": `import { createServer } from "node:http";
import next from "next";

const app = next({ dev: false, dir: import.meta.dirname });
await app.prepare();
const handle = app.getRequestHandler();
const server = createServer((request, response) => void handle(request, response));
${listen}`,
  "node.mjs": `import { createServer } from "node:http";
import { verify } from "./verify.js";

const server = createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const text = JSON.stringify(await verify(JSON.parse(Buffer.concat(pieces).toString())));
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) }).end(text);
});
${listen}`,
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

/** A server with nothing but one route, which runs the statements. */
export interface BareServer {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

async function start(entry: string, environment: Record<string, string>): Promise<BareServer> {
  const child: ChildProcess = fork(path.join(folder, entry), {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: { ...process.env, NODE_ENV: "production", ...environment },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message) => resolve(Number(message)));
    child.once("exit", (code) => reject(new Error(`the bare server did not start (${code})`)));
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

/** Builds and starts a Next of the same version, and a server of Node alone, with nothing but one route each. */
export async function startBareServers(
  databaseUrl: string,
  statements: readonly Statement[],
  replaced: { attemptId: string; messageId: string },
): Promise<{ next: BareServer; node: BareServer }> {
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
  const environment = { DATABASE_URL: databaseUrl, STATEMENTS_FILE: statementsFile };
  return { next: await start("next.mjs", environment), node: await start("node.mjs", environment) };
}
