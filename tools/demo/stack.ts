import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { connect } from "@/db/client";
import { migrate } from "@/db/migrate";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "@/tools/postgres/embedded";
import { seedDemo } from "./seed";

/** Everything that the main job needs, running: a database, the telephony stand-in, the console and the doors. */
export interface Stack {
  baseUrl: string;
  standinUrl: string;
  databaseUrl: string;
  /** Of the server process; another one after a restart. */
  serverPid(): number;
  /** Resolves with what ended by itself, and why. */
  ended: Promise<string>;
  /**
   * Kills the server (by default at once, as a crash would) and starts it again on the same data. Answers with the code that it
   * ended with, null where a signal ended it.
   */
  restartServer(signal?: NodeJS.Signals): Promise<number | null>;
  stop(): Promise<void>;
}

interface StackOptions {
  /** The one folder in which everything lives. */
  folder: string;
  /** 0 takes any that is free. */
  port: number;
  standinPort: number;
  host?: string;
  /** A database to use instead of the embedded one. */
  databaseUrl?: string;
  /** What goes to the children's environment besides. */
  environment?: Record<string, string>;
  /** Where the children's log lines go. */
  log: "inherit" | "ignore" | ((line: string) => void);
  durable?: boolean;
  /** What Node is started with for the server besides, such as `--cpu-prof`. */
  serverFlags?: readonly string[];
  mode?: "production" | "development";
}

/** A TCP port of the loopback interface that nobody uses now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

/** Something made once and kept in `file`, mode 0600. */
function keep(file: string, make: () => string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  mkdirSync(path.dirname(file), { recursive: true });
  const made = make();
  writeFileSync(file, made, { mode: 0o600 });
  return made;
}

/** The stand-in's account: made once, the same at every start. */
function vonageAccount(folder: string): Record<string, string> {
  const file = path.join(folder, "vonage.json");
  return JSON.parse(
    keep(file, () => {
      const { privateKey, publicKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      });
      return JSON.stringify({
        VONAGE_API_KEY: randomBytes(4).toString("hex"),
        VONAGE_API_SECRET: randomBytes(12).toString("base64url"),
        VONAGE_APPLICATION_ID: "5b8f1a5e-3f0e-4c1e-9d0e-0d3c5a9b7e11",
        VONAGE_PRIVATE_KEY: privateKey,
        VONAGE_PUBLIC_KEY: publicKey,
        VONAGE_SIGNATURE_SECRET: randomBytes(32).toString("base64url"),
        VONAGE_FROM: "12025550199",
      });
    }),
  ) as Record<string, string>;
}

function startChild(
  bundle: string,
  environment: Record<string, string>,
  log: StackOptions["log"],
  flags: readonly string[] = [],
): ChildProcess {
  const child = spawn(process.execPath, ["--enable-source-maps", ...flags, bundle], {
    detached: true,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      NODE_ENV: "production",
      ...environment,
    },
    stdio: [
      "ignore",
      log === "ignore" ? "ignore" : log === "inherit" ? "inherit" : "pipe",
      log === "ignore" ? "ignore" : log === "inherit" ? "inherit" : "pipe",
      "ipc",
    ],
  });
  if (typeof log === "function")
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => log(chunk.toString()));
  return child;
}

async function awaitReady(url: string, child: ChildProcess, what: string): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${what} did not start (exit ${child.exitCode ?? child.signalCode})`);
    const answered = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${what} did not answer at ${url}`);
}

function endChild(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

/**
 * Starts the whole product on `folder` and waits until it serves; the demo data are made, and refreshed where they renew.
 * @throws where a part does not start, after ending those that did.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  mkdirSync(options.folder, { recursive: true });
  const port = options.port === 0 ? await findFreePort() : options.port;
  const standinPort = options.standinPort === 0 ? await findFreePort() : options.standinPort;
  const host = options.host ?? "localhost";
  const baseUrl = `http://localhost:${port}`;
  const standinUrl = `http://localhost:${standinPort}`;
  const { VONAGE_PUBLIC_KEY, ...account } = vonageAccount(options.folder);

  let embedded: EmbeddedPostgres | undefined;
  let databaseUrl = options.databaseUrl;
  if (databaseUrl === undefined) {
    embedded = await startEmbeddedPostgres(path.join(options.folder, "postgres"), {
      durable: options.durable ?? true,
    });
    const admin = connect(embedded.url(), { max: 1 });
    const [known] = await admin`select 1 from pg_database where datname = 'sparekey'`;
    if (known === undefined) await admin.unsafe("create database sparekey");
    await admin.end();
    databaseUrl = embedded.url("sparekey");
  }

  const environment: Record<string, string> = {
    NODE_ENV: options.mode ?? "production",
    NEXT_TELEMETRY_DISABLED: "1",
    PORT: String(port),
    HOST: host,
    BASE_URL: baseUrl,
    DATABASE_URL: databaseUrl,
    SPAREKEY_DEMO: "1",
    SPAREKEY_HELPDESK_PHONE: "+1 202 555 0100",
    SPAREKEY_MASTER_KEY: keep(path.join(options.folder, "master-key"), () =>
      randomBytes(32).toString("base64"),
    ),
    SPAREKEY_WEBHOOK_NETWORKS: "127.0.0.0/8,::1/128",
    VONAGE_API_BASE: standinUrl,
    LOG_LEVEL: "warn",
    ...account,
    ...options.environment,
  };

  writeFileSync(path.join(options.folder, "environment.json"), JSON.stringify(environment), { mode: 0o600 });

  let standin: ChildProcess | undefined;
  let server: ChildProcess | undefined;
  let stopping = false;
  let tellEnded: (what: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    tellEnded = resolve;
  });
  const watch = (child: ChildProcess, what: string): void => {
    child.once("exit", (code, signal) => {
      if (!stopping && child.connected !== undefined && !replaced.has(child))
        tellEnded(`${what} ended (${signal ?? code})`);
    });
  };
  const replaced = new Set<ChildProcess>();

  const startServer = async (): Promise<void> => {
    server = startChild(path.resolve(".build/api-server.mjs"), environment, options.log, options.serverFlags);
    watch(server, "the server");
    await awaitReady(`${baseUrl}/healthz`, server, "the server");
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    await endChild(server, "SIGTERM");
    await endChild(standin, "SIGTERM");
    await embedded?.stop();
  };

  try {
    standin = startChild(
      path.resolve(".build/tools-standin-main.mjs"),
      {
        ...account,
        VONAGE_PUBLIC_KEY: VONAGE_PUBLIC_KEY ?? "",
        STANDIN_PORT: String(standinPort),
        HOST: host,
        WEBHOOK_BASE: `${baseUrl}/webhooks/vonage`,
        ...options.environment,
      },
      options.log,
    );
    watch(standin, "the telephony stand-in");
    await migrate(databaseUrl);
    await seedDemo(environment, options.folder);
    await Promise.all([awaitReady(`${standinUrl}/`, standin, "the telephony stand-in"), startServer()]);
  } catch (error) {
    await stop();
    throw error;
  }

  return {
    baseUrl,
    standinUrl,
    databaseUrl,
    serverPid: () => server?.pid as number,
    ended,
    restartServer: async (signal = "SIGKILL") => {
      if (server !== undefined) replaced.add(server);
      const ended = server;
      await endChild(ended, signal);
      await startServer();
      return ended?.exitCode ?? null;
    },
    stop,
  };
}
