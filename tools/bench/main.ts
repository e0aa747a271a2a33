import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { closeDatabase } from "@/lib/platform/transaction";
import { startProduct } from "@/tools/proof/product";
import { benchCodes } from "./codes";
import { readCpuMs, readFamilyCpuMs, readMemory } from "./measure";
import { benchOtps } from "./otps";
import { type Bench, type Comparison, printComparisons } from "./report";
import { benchTexts } from "./texts";

/**
 * `npm run bench [-- --only codes,otps,texts] [--rounds 3] [--seconds 3] [--profile FOLDER]`: figures of the whole product beside floors
 * and peers that take turns with it in the same run, with the aim of each. `--profile` has the server write a
 * CPU profile.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "codes,otps,texts" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    profile: { type: "string" },
  },
});
const parts: Readonly<Record<string, (bench: Bench) => Promise<Comparison[]>>> = {
  codes: benchCodes,
  otps: benchOtps,
  texts: benchTexts,
};

const folder = mkdtempSync("/tmp/sparekey-bench-");
const { profile } = values;
const serverFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${path.resolve(profile)}`];
const product = await startProduct(folder, { serverFlags });
Object.assign(process.env, JSON.parse(readFileSync(path.join(folder, "environment.json"), "utf8")));
let missed = 0;
try {
  await product.sql`update client set calls_per_second = 1000000`;
  const [client] = await product.sql<
    { id: string }[]
  >`select id from client where kind = 'client_key' and ended_at is null`;
  const memory: number[] = [];
  const remember = () => void memory.push(readMemory(product.stack.serverPid()));
  remember();
  const bench: Bench = {
    product,
    clientKey: readFileSync(path.join(folder, "clients", "authn-client-key.txt"), "utf8").trim(),
    clientId: client?.id ?? "",
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    watched: {
      server: () => readCpuMs(product.stack.serverPid()),
      database: () => readFamilyCpuMs(product.databasePid()),
    },
    remember,
  };
  const comparisons: Comparison[] = [];
  for (const name of values.only.split(",")) {
    const part = parts[name];
    if (part === undefined) throw new Error(`there is no ${name}: ${Object.keys(parts).join(", ")}`);
    console.log(`Measuring ${name}`);
    comparisons.push(...(await part(bench)));
  }
  console.log(
    `\n${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.version}. Client, server, database and provider share them.`,
  );
  missed += printComparisons(comparisons);
  console.log(
    `\nThe server's memory: ${memory[0]?.toFixed(0)} MB at first, ${Math.max(...memory).toFixed(0)} MB at most.`,
  );
} finally {
  await closeDatabase();
  await product.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(missed === 0 ? "\nEvery aim is reached." : `\n${missed} aims are missed.`);
process.exit(0);
