import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import { connect } from "@/db/client";
import { migrate } from "@/db/migrate";
import { type LookupDoor, openLookupDoor } from "@/tools/bench/lookup-door";
import { readCpuMs, readFamilyCpuMs } from "@/tools/bench/measure";
import { quantilesOf } from "@/tools/bench/quantiles";
import { startEmbeddedPostgres } from "@/tools/postgres/embedded";
import { testEnvironment } from "@/tools/testing/environment";
import type { Violation } from "./ledger";
import { peopleColumns, writePeopleFile } from "./people-file";

/** What the import of a file came to. */
export interface ImportFigures {
  people: number;
  fileMegabytes: number;
  /** From the command's start to its end; of them the preview, and the writing. */
  seconds: number;
  previewSeconds: number;
  writeSeconds: number;
  /** The most that the importing process held. */
  peakMegabytes: number;
  lookUps: { count: number; p50: number; p99: number; max: number; failed: number };
  /** PostgreSQL's own COPY, seconds: the file's lines into a bare table; all rows that the import wrote, into tables of the same shape and indexes. */
  copyLinesSeconds: number;
  copyRowsSeconds: number;
  rows: number;
  /** The processors' time, seconds: it says more than the clock where much else runs. */
  cpu: { command: number; server: number; copyRows: number };
}

/** Everything that an import writes of somebody. */
const tables = ["users", "user_phone", "user_group", "user_search_key"] as const;

const lookUpEveryMs = 50;
const queries = ["mul", "ada lo", "jürgen schm", "1000", "u00001", "岡", "мар", "garcia lopez", "o'b", "ng"];

const peakOf = (pid: number) =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1_024;

/** Looks people up, one after the other, until it is told to stop. */
function lookUp({ port, cookie, pathOf }: LookupDoor): { stop(): Promise<ImportFigures["lookUps"]> } {
  const took: number[] = [];
  let failed = 0;
  let isOver = false;
  const going = (async () => {
    for (let n = 0; !isOver; n += 1) {
      const begun = performance.now();
      const asked = pathOf(queries[n % queries.length] as string);
      const response = await fetch(`http://localhost:${port}${asked}`, { headers: { cookie } }).catch(
        () => undefined,
      );
      await response?.arrayBuffer();
      if (response?.ok) took.push(performance.now() - begun);
      else failed += 1;
      await sleep(lookUpEveryMs);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await going;
      const at = quantilesOf(took);
      return { count: took.length, p50: at(0.5), p99: at(0.99), max: at(1), failed };
    },
  };
}

/** Runs the operator's command; answers how long it took and the most that it held. */
async function runCommand(
  file: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ seconds: number; peak: number; cpu: number }> {
  const begun = performance.now();
  let peak = 0;
  let cpu = 0;
  const child = spawn(process.execPath, ["tools/run.mjs", "api/shell.ts", "import", file], {
    env: environment,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const watch = setInterval(() => {
    try {
      peak = Math.max(peak, peakOf(child.pid as number));
      cpu = readCpuMs(child.pid as number) / 1_000;
    } catch {}
  }, 200);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  clearInterval(watch);
  if (code !== 0) throw new Error(`the import ended with ${code}`);
  return { seconds: (performance.now() - begun) / 1_000, peak, cpu };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

/** COPY of what the import wrote, by the server itself from a file beside its data, into tables that are made alike. */
async function measureCopies(
  sql: postgres.Sql,
  file: string,
  cpuOf: (work: () => Promise<unknown>) => Promise<number>,
): Promise<{ lines: number; rows: number; cpu: number }> {
  const [setting] = await sql<{ folder: string }[]>`select current_setting('data_directory') as folder`;
  const at = (name: string) => `${setting?.folder}/floor-${name}`;
  for (const name of tables) {
    await sql.unsafe(`copy ${name} to '${at(name)}'`);
    await sql.unsafe(`create table floor_${name} (like ${name} including all)`);
  }
  await sql`checkpoint`;
  let rows = 0;
  const cpu = await cpuOf(async () => {
    for (const name of tables) rows += await timed(() => sql.unsafe(`copy floor_${name} from '${at(name)}'`));
  });
  await sql.unsafe(
    `create table floor_lines (${peopleColumns
      .split(",")
      .map((name) => `${name} text`)
      .join(", ")})`,
  );
  await sql`checkpoint`;
  const lines = await timed(async () => {
    const sink = await sql`copy floor_lines from stdin (format csv, header)`.writable();
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), sink);
  });
  return { lines, rows, cpu };
}

/**
 * Imports a file of `people` into an empty directory by the operator's command while people are looked up, and then has PostgreSQL
 * copy the same rows.
 * @returns the figures, and what broke: a person who isn't there, a look-up that failed.
 */
export async function measureImport(
  folder: string,
  people: number,
): Promise<{ figures: ImportFigures; violations: Violation[] }> {
  const file = path.join(folder, "people.csv");
  await writePeopleFile(file, people);
  const postgres = await startEmbeddedPostgres(path.join(folder, "import-pg"), {
    settings: ["shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min"],
  });
  let asked: ChildProcess | undefined;
  const sql = connect(postgres.url(), { max: 2 });
  try {
    await migrate(postgres.url());
    const environment = {
      ...process.env,
      ...testEnvironment({ DATABASE_URL: postgres.url() }),
      NODE_ENV: "production" as const,
    };
    const door = await openLookupDoor(postgres.url());
    asked = door.child;
    const asking = lookUp(door);
    const server = Number(
      readFileSync(path.join(folder, "import-pg/data/postmaster.pid"), "utf8").split("\n", 1)[0],
    );
    const cpuOf = async <T>(work: () => Promise<T>) => {
      const before = readFamilyCpuMs(server);
      const done = await work();
      return { done, cpu: (readFamilyCpuMs(server) - before) / 1_000 };
    };
    const {
      done: { seconds, peak, cpu: command },
      cpu: serverCpu,
    } = await cpuOf(() => runCommand(file, environment));
    const lookUps = await asking.stop();
    const [job] = await sql<{ preview: number; write: number }[]>`
      select extract(epoch from previewed_at - created_at)::float8 as preview, extract(epoch from ended_at - previewed_at)::float8 as write
      from import_job`;
    const [counts] = await sql<{ people: number; managed: number; unfound: number; rows: number }[]>`
      select (select count(*) from users)::float8 as people, (select count(manager_id) from users)::float8 as managed,
        (select count(*) from users u where not exists (select from user_search_key k where k.user_id = u.id))::float8 as unfound,
        (select count(*) from users)::float8 + (select count(*) from user_phone) + (select count(*) from user_group) + (select count(*) from user_search_key) as rows`;
    const copies = await measureCopies(sql, file, async (work) => (await cpuOf(work)).cpu);
    const violations: Violation[] = [
      { promise: "everybody in the file is there", isKept: counts?.people === people },
      {
        promise: "everybody has the manager of the file",
        isKept: counts?.managed === people - Math.ceil(people / 10),
      },
      { promise: "the look-up finds everybody", isKept: counts?.unfound === 0 },
      { promise: "look-ups are answered meanwhile", isKept: lookUps.failed === 0 && lookUps.count > 0 },
    ].flatMap(({ promise, isKept }) =>
      isKept ? [] : [{ promise, shownBy: [JSON.stringify({ ...counts, ...lookUps })] }],
    );
    return {
      figures: {
        people,
        fileMegabytes: statSync(file).size / 1e6,
        seconds,
        previewSeconds: job?.preview ?? Number.NaN,
        writeSeconds: job?.write ?? Number.NaN,
        peakMegabytes: peak,
        lookUps,
        copyLinesSeconds: copies.lines,
        copyRowsSeconds: copies.rows,
        rows: counts?.rows ?? 0,
        cpu: { command, server: serverCpu, copyRows: copies.cpu },
      },
      violations,
    };
  } finally {
    asked?.kill();
    await sql.end({ timeout: 5 });
    await postgres.stop();
  }
}

/** Says the figures in lines. */
export function tellImport(figures: ImportFigures): string[] {
  const { people, seconds, previewSeconds, writeSeconds, lookUps, copyLinesSeconds, copyRowsSeconds, rows } =
    figures;
  const rate = (took: number) => `${Math.round(people / took).toLocaleString("en")} people/s`;
  return [
    `${people.toLocaleString("en")} people, a file of ${figures.fileMegabytes.toFixed(0)} MB: ${seconds.toFixed(0)} s in all, ${rate(seconds)}`,
    `of them the preview ${previewSeconds.toFixed(0)} s (${rate(previewSeconds)}), the writing ${writeSeconds.toFixed(0)} s (${rate(writeSeconds)})`,
    `COPY of the same ${rows.toLocaleString("en")} rows into tables of the same shape and indexes: ${copyRowsSeconds.toFixed(0)} s, ${rate(copyRowsSeconds)}`,
    `COPY of the file's lines into a bare table: ${copyLinesSeconds.toFixed(1)} s, ${rate(copyLinesSeconds)}`,
    `the processors' time: the command ${figures.cpu.command.toFixed(0)} s, PostgreSQL ${figures.cpu.server.toFixed(0)} s, look-ups included; COPY of the rows ${figures.cpu.copyRows.toFixed(0)} s`,
    `the importing process held ${figures.peakMegabytes.toFixed(0)} MB at most`,
    `look-ups meanwhile: ${lookUps.count}, p50 ${lookUps.p50.toFixed(1)} ms, p99 ${lookUps.p99.toFixed(1)} ms, the slowest ${lookUps.max.toFixed(0)} ms`,
  ];
}
