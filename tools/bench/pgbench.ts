import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Rounds } from "./measure";
import { type Statement, toPgbench } from "./statements";
import type { StockedAttempts } from "./stock";

/** The pgbench of this machine, if there is one. */
export function findPgbench(): string | undefined {
  for (const candidate of ["pgbench", "/usr/lib/postgresql/15/bin/pgbench"]) {
    try {
      execFileSync(candidate, ["--version"], { stdio: "ignore" });
      return candidate;
    } catch {}
  }
  return undefined;
}

/** Runs statements for so many seconds, each time with the next attempt of the stock. */
export async function runPgbench(
  pgbench: string,
  databaseUrl: string,
  options: {
    statements: readonly Statement[];
    stock: StockedAttempts;
    replaced: { attemptId: string; messageId: string };
    atOnce: number;
    seconds: number;
  },
): Promise<Rounds> {
  const { stock, replaced, atOnce, seconds } = options;
  const { script, variables } = toPgbench(
    options.statements,
    (value) => {
      if (value === replaced.attemptId) return stock.attemptIdSql(":i::int");
      return value === replaced.messageId ? "('message-' || :i::int)" : undefined;
    },
    `\\set i :n * ${atOnce} + :client_id\n\\set n :n + 1`,
  );
  const folder = mkdtempSync("/tmp/sparekey-pgbench-");
  try {
    const file = path.join(folder, "verify.sql");
    writeFileSync(file, script);
    await promisify(execFile)(
      pgbench,
      [
        ...["--no-vacuum", "--protocol=prepared", "--log", `--log-prefix=${folder}/took`, `--file=${file}`],
        ...[`--client=${atOnce}`, `--jobs=${Math.min(atOnce, availableParallelism())}`, `--time=${seconds}`],
        ...["n=0", ...variables].map((variable) => `--define=${variable}`),
        databaseUrl,
      ],
      { cwd: folder },
    );
    const took = readdirSync(folder)
      .filter((name) => name.startsWith("took"))
      .flatMap((name) => readFileSync(path.join(folder, name), "utf8").trim().split("\n"))
      .map((entry) => Number(entry.split(" ")[2]) / 1_000);
    if (took.length >= stock.count) throw new Error("the stock of attempts ran out");
    return { done: took.length, seconds, took };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
