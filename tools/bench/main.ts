import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { closeDatabase } from "@/lib/platform/transaction";
import { type Product, startProduct } from "@/tools/proof/product";
import { benchCodes } from "./codes";
import { measureBarePage, measureFirstLoad } from "./first-load";
import { measureFloods } from "./flood";
import { measureLookup } from "./lookup";
import { measureMachine } from "./machine";
import { readCpuMs, readFamilyCpuMs, readMemoryMb } from "./measure";
import { benchOtps } from "./otps";
import {
  aims,
  type Bench,
  type Comparison,
  printComparisons,
  printFirstLoads,
  printFloods,
  printLookups,
  printMachine,
  printScreen,
  sayAims,
} from "./report";
import { issueOnScreen } from "./screen";
import { benchSyncs } from "./syncs";
import { benchTexts } from "./texts";

/**
 * `npm run bench [-- --only codes,otps,texts,syncs,screen,flood,lookup,machine] [--full] [--rounds 3] [--seconds 3] [--profile FOLDER]`: figures of
 * the whole product beside floors and peers that take turns with it in the same run, with the aim of each. `--full` looks up
 * in a directory of 5 million too. `--profile` has the server write a CPU profile.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "codes,otps,texts,syncs,screen,flood,lookup,machine" },
    full: { type: "boolean", default: false },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    profile: { type: "string" },
  },
});
const known = ["codes", "otps", "texts", "syncs", "screen", "flood", "lookup", "machine"];
const wanted = values.only.split(",");
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")}: ${known.join(", ")}`);

const rates: Readonly<Record<string, (bench: Bench) => Promise<Comparison[]>>> = {
  codes: benchCodes,
  otps: benchOtps,
  texts: benchTexts,
  syncs: benchSyncs,
};

async function measureRates(product: Product): Promise<void> {
  const { sql, stack, folder } = product;
  await sql`update client set calls_per_second = 1000000`;
  const [client] = await sql<
    { id: string }[]
  >`select id from client where kind = 'client_key' and ended_at is null`;
  const bench: Bench = {
    product,
    clientKey: readFileSync(path.join(folder, "clients", "authn-client-key.txt"), "utf8").trim(),
    clientId: client?.id ?? "",
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    watched: {
      server: () => readCpuMs(stack.serverPid()),
      database: () => readFamilyCpuMs(product.databasePid()),
    },
    readMemoryMb: () => readMemoryMb(stack.serverPid()),
  };
  const comparisons: Comparison[] = [];
  for (const [name, measure] of Object.entries(rates)) {
    if (!wanted.includes(name)) continue;
    console.log(`Measuring ${name}`);
    comparisons.push(...(await measure(bench)));
  }
  if (comparisons.length > 0) printComparisons(comparisons);
}

async function measurePages(product: Product): Promise<void> {
  console.log("Measuring pages");
  const { baseUrl } = product.stack;
  const { took, cookie } = await issueOnScreen(product);
  printScreen(took);
  const pages = [await measureFirstLoad(baseUrl, "/otp"), await measureFirstLoad(baseUrl, "/users", cookie)];
  printFirstLoads(await measureBarePage(), pages);
}

console.log(
  `${availableParallelism()} cores (${cpus()[0]?.model.trim()}), Node ${process.version}. Client, server, database and provider share them.`,
);
if (wanted.some((name) => name !== "lookup" && name !== "machine")) {
  const folder = mkdtempSync("/tmp/sparekey-bench-");
  const { profile } = values;
  const serverFlags = profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${path.resolve(profile)}`];
  const product = await startProduct(folder, { serverFlags });
  Object.assign(process.env, JSON.parse(readFileSync(path.join(folder, "environment.json"), "utf8")));
  try {
    if (wanted.includes("screen")) await measurePages(product);
    await measureRates(product);
    if (wanted.includes("flood")) {
      console.log("Measuring floods");
      printFloods(await measureFloods(product, Number(values.rounds), Number(values.seconds) * 8));
    }
  } finally {
    await closeDatabase();
    await product.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
if (wanted.includes("machine")) {
  console.log("Measuring an answer without a network");
  printMachine(await measureMachine(Number(values.rounds) * 10));
}
if (wanted.includes("lookup")) {
  console.log("Measuring look-up");
  const sizes = [10_000, 1_000_000, ...(values.full ? [5_000_000] : [])];
  printLookups(await measureLookup({ sizes, log: console.log }));
}
for (const name of known.filter((each) => !wanted.includes(each))) aims.unmeasured.push(name);
if (wanted.includes("lookup") && !values.full) aims.unmeasured.push("look-up at 5 million (--full)");
console.log(`\n${sayAims()}`);
process.exit(0);
