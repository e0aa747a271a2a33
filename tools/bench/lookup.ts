import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { connect } from "@/db/client";
import { migrate } from "@/db/migrate";
import { ensureBuilt } from "@/tools/build";
import { startEmbeddedPostgres } from "@/tools/postgres/embedded";
import {
  drawFamily,
  drawGiven,
  drawLoneName,
  drawNumbers,
  familyNames,
  fillDirectory,
  givenNames,
} from "./crowd";
import { Line } from "./line";
import { type LookupDoor, openLookupDoor } from "./lookup-door";
import {
  crowds,
  type Figure,
  type Rounds,
  readCpuMs,
  readFamilyCpuMs,
  readMemoryMb,
  Series,
} from "./measure";
import { quantilesOf } from "./quantiles";

/** How long look-ups of one kind took at one size. */
export interface LookupFigure extends Figure {
  kind: string;
  users: number;
  atOnce: number;
  /** Of the middle round: what else the machine does in one round decides nothing. Milliseconds. */
  p99: number;
  /** Of all rounds together. Milliseconds. */
  p99OfAll: number;
}

const pick = <T>(draw: () => number, list: readonly T[]): T => list[Math.floor(draw() * list.length)] as T;
const given = (draw: () => number) => givenNames[drawGiven(draw)] as string;
const family = (draw: () => number) => familyNames[drawFamily(draw)] as string;
const half = (draw: () => number, name: string) => name.slice(0, 2 + Math.floor(draw() * 3));

/** Whatever is typed: each kind draws a line that somebody might type in a directory of `users` people. */
const kinds: Readonly<Record<string, (draw: () => number, users: number) => string>> = {
  "one letter": (draw) => pick(draw, [..."abcdefghijklmnoprstuvwz"]),
  "three letters": (draw) => (draw() < 0.5 ? given(draw) : family(draw)).slice(0, 3),
  "two half words": (draw) => `${half(draw, family(draw))} ${half(draw, given(draw))}`,
  "two letters of each of two words": (draw) => `${family(draw).slice(0, 2)} ${given(draw).slice(0, 2)}`,
  "two half words of rare names": (draw) =>
    `${half(draw, pick(draw, familyNames))} ${half(draw, pick(draw, givenNames))}`,
  "a common name and one letter": (draw) =>
    `${pick(draw, givenNames.slice(0, 10))} ${family(draw).slice(0, 1)}`,
  "a whole name": (draw) => `${given(draw)} ${family(draw)}`,
  "a rare name": drawLoneName,
  "a very common name": (draw) => pick(draw, [...givenNames.slice(0, 5), ...familyNames.slice(0, 5)]),
  "an employee number": (draw, users) => String(1_000_000 + Math.floor(draw() * users)),
  "half an employee number": (draw, users) => `E${1_000_000 + Math.floor(draw() * users)}`.slice(0, 5),
  "a phone's last four digits": (draw) => String(Math.floor(draw() * 10_000)).padStart(4, "0"),
  "a whole phone number": (draw) =>
    `+1${202 + Math.floor(draw() * 700)}${1_000_000 + Math.floor(draw() * 8_999_999)}`,
  "half an e-mail address": (draw) => `${given(draw)}.${family(draw).slice(0, 4)}`,
  "three half words": (draw) =>
    `${half(draw, given(draw))} ${half(draw, family(draw))} ${half(draw, family(draw))}`,
  nonsense: (draw) =>
    pick(draw, ["xqzvw", "qqq qqq", "zzxx ma", "🦊", "%%%", "a".repeat(300), "x ".repeat(20)]),
};

/** So many look-ups of all kinds go before any is measured: code runs interpreted at first, and a server runs for weeks. */
const COMPILED_AFTER = 4_000;

/** The product on one directory. */
interface Server extends LookupDoor {
  users: number;
}

async function askMany(
  { port, cookie, pathOf }: Server,
  atOnce: number,
  queries: readonly string[],
): Promise<Rounds> {
  const left = queries.map(
    (query) => `GET ${pathOf(query)} HTTP/1.1\r\nhost: localhost:${port}\r\ncookie: ${cookie}\r\n\r\n`,
  );
  const took: number[] = [];
  const from = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const line = await Line.open(port);
      for (let request = left.pop(); request !== undefined; request = left.pop()) {
        const begun = performance.now();
        const { status } = await line.send(request);
        if (status !== 200) throw new Error(`the look-up answered ${status}: ${request}`);
        took.push(performance.now() - begun);
      }
      line.close();
    }),
  );
  return { done: took.length, seconds: (performance.now() - from) / 1_000, took };
}

/** Reads a directory's files once, and lets what was filled be written: what is measured is the look-up, not the disk. */
async function warm(files: string): Promise<void> {
  execFileSync("sync");
  for (const name of readdirSync(files))
    for await (const _ of createReadStream(path.join(files, name), { highWaterMark: 1 << 20 }));
}

/**
 * Measures the look-up at the console's door (signed in, with the emergency access of whom it finds) at several sizes of the
 * directory, side by side: every kind of line is asked of all sizes in turns, so that what else the machine does meets all alike.
 * Makes the directories first, and takes them away after.
 * @param options.requests how many a round at 16 at once; a fifth of it one by one.
 */
export async function measureLookup(options: {
  sizes: readonly number[];
  requests?: number;
  rounds?: number;
  log?: (line: string) => void;
}): Promise<LookupFigure[]> {
  const { sizes, requests = 800, rounds = 5, log = () => undefined } = options;
  await ensureBuilt({ quiet: true });
  const folder = mkdtempSync(path.join(process.env.TMPDIR ?? "/tmp", "sparekey-lookup-"));
  const postgres = await startEmbeddedPostgres(path.join(folder, "pg"), {
    durable: false,
    settings: [
      "shared_buffers=2GB",
      "maintenance_work_mem=1GB",
      "max_wal_size=20GB",
      "wal_level=minimal",
      "max_wal_senders=0",
    ],
  });
  const directories: string[] = [];
  const servers: Server[] = [];
  try {
    const admin = connect(postgres.url(), { max: 1 });
    for (const users of sizes) {
      const begun = performance.now();
      await admin.unsafe(`create database directory_${users}`);
      const url = postgres.url(`directory_${users}`);
      await migrate(url);
      await fillDirectory(url, users);
      const sql = connect(url, { max: 1 });
      await sql`checkpoint`;
      const [size] =
        await sql`select (select oid from pg_database where datname = current_database()) as oid, pg_size_pretty(pg_database_size(current_database())) as size,
        pg_size_pretty(pg_relation_size('user_search_key_list')) as index, (select count(*) from user_search_key) as rows`;
      await sql.end();
      log(
        `${users.toLocaleString("en")} users: ${size?.rows} rows to search, ${size?.size} in all, ${size?.index} of it the index; filled in ${((performance.now() - begun) / 1_000).toFixed(0)} s`,
      );
      servers.push({ users, ...(await openLookupDoor(url)) });
      directories.push(path.join(folder, "pg", "data", "base", String(size?.oid)));
    }
    for (const files of directories) await warm(files);
    await admin.end();
    const [pid] = readFileSync(path.join(folder, "pg", "data", "postmaster.pid"), "utf8").split("\n");
    const database = () => readFamilyCpuMs(Number(pid));
    for (const server of servers) {
      const numbers = drawNumbers(1);
      const typed = Array.from({ length: COMPILED_AFTER }, () =>
        pick(numbers, Object.values(kinds))(numbers, server.users),
      );
      await askMany(server, 16, typed);
    }
    const figures: LookupFigure[] = [];
    for (const [kind, draw] of Object.entries(kinds)) {
      for (const atOnce of crowds) {
        const count = atOnce === 1 ? Math.ceil(requests / 5) : requests;
        const series = servers.map((server) => ({
          ...server,
          rounds: [] as Rounds[],
          all: new Series({ server: () => readCpuMs(server.child.pid as number), database }),
        }));
        for (let round = -1; round < rounds; round += 1)
          for (const { all, rounds: measured, ...server } of series) {
            const numbers = drawNumbers(round + 7);
            const queries = Array.from({ length: round < 0 ? count / 4 : count }, () =>
              draw(numbers, server.users),
            );
            if (round < 0) await askMany(server, atOnce, queries);
            else measured.push(await all.watch(() => askMany(server, atOnce, queries)));
          }
        for (const { users, rounds: measured, all } of series) {
          for (const each of measured) all.add(each);
          const p99s = measured.map(({ took }) => quantilesOf(took)(0.99));
          const p99 = quantilesOf(p99s)(0.5);
          figures.push({ kind, users, atOnce, ...all.figure, p99, p99OfAll: all.figure.p99 });
        }
        const line = figures
          .slice(-servers.length)
          .map(
            ({ p50, p99, p99OfAll, perSecond, cpu }) =>
              `${p50.toFixed(1)} / ${p99.toFixed(1)} (${p99OfAll.toFixed(1)}) ms, ${perSecond.toFixed(0)}/s, CPU ${cpu.server?.toFixed(2)} + ${cpu.database?.toFixed(2)} ms`,
          );
        log(`${kind}, ${atOnce} at once: ${line.join(" | ")}`);
      }
    }
    for (const { users, child } of servers)
      log(
        `server at ${users.toLocaleString("en")} users: ${readMemoryMb(child.pid as number).toFixed(0)} MB`,
      );
    return figures;
  } finally {
    for (const { child } of servers) child.kill();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
