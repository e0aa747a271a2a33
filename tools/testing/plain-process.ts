import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { openSync, readFileSync } from "node:fs";
import path from "node:path";
import { connect } from "@/db/client";
import { findFreePort } from "@/tools/demo/stack";
import { keepingAnswers } from "./answers";

/**
 * Runs a server as in production, not the demo, with an empty database of its own on the server of the product under test,
 * until the parent lets go; tells the parent where it is, and the setup code that it printed.
 */
const [folder = "", serverUrl = ""] = process.argv.slice(2);
const name = `plain_${process.pid}`;
const admin = connect(serverUrl, { max: 1 });
await admin.unsafe(`create database ${name}`);
await admin.end();
const databaseUrl = new URL(serverUrl);
databaseUrl.pathname = `/${name}`;
const port = await findFreePort();
const baseUrl = `http://localhost:${port}`;
const account: Record<string, string> = JSON.parse(readFileSync(path.join(folder, "vonage.json"), "utf8"));
const { serverFlags, environment } = keepingAnswers(folder);
const server = spawn(process.execPath, [...serverFlags, ".build/api-server.mjs"], {
  env: {
    ...account,
    ...environment,
    PATH: process.env.PATH ?? "",
    NODE_ENV: "production",
    PORT: String(port),
    BASE_URL: baseUrl,
    DATABASE_URL: databaseUrl.href,
    SPAREKEY_MASTER_KEY: randomBytes(32).toString("base64"),
    LOG_LEVEL: "warn",
  },
  stdio: ["ignore", openSync(path.join(folder, "server.log"), "a"), "pipe", "ipc"],
});
let said = "";
server.stderr?.on("data", (chunk: Buffer) => {
  said += chunk.toString();
  const setupCode = /with the code ([A-Z2-7-]+)/.exec(said)?.[1];
  if (setupCode !== undefined) process.send?.({ baseUrl, databaseUrl: databaseUrl.href, setupCode });
});
server.once("exit", (code) => {
  process.stderr.write(said);
  process.exit(code ?? 1);
});
process.on("disconnect", () => server.kill("SIGTERM"));
process.on("SIGTERM", () => server.kill("SIGTERM"));
