import { mkdtempSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { measureImport, tellImport } from "./import";
import { killAndRestart, type Told } from "./kills";
import { countLedger, judgeLedger, type Violation } from "./ledger";
import { killMachine } from "./machine";
import { loseDatabase } from "./outage";
import { type Product, startProduct } from "./product";
import { issueAtOnce, proveAtOnce, redeemAtOnce } from "./races";
import { makeChance } from "./random";
import { settle } from "./settle";
import { installSteps } from "./steps";

/**
 * `npm run proof [-- KILLS] [--seed N] [--only races,outage,kills,machine,import] [--people N] [--aged]`: proves on the whole product that nothing is
 * done twice, lost or left unsaid: by 50 callers at once, by a database that goes away and comes back, and by killing the
 * process KILLS times (100), and the agent of a machine ten times as often; and imports a file of a million people. Ends with 1
 * and what broke where a promise doesn't hold, or where 100 kills or more left a step out; the same seed makes the same choices
 * again. `--aged` doesn't wait for the sweeps' minutes, but makes what they look for older.
 */
const usage =
  "usage: npm run proof -- [KILLS] [--seed N] [--only races,outage,kills,machine,import] [--people N] [--aged]";
/** So many kills, and more, leave no step out. */
const fullRunKills = 100;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string" },
    only: { type: "string", default: "races,outage,kills,machine,import" },
    people: { type: "string", default: "1000000" },
    aged: { type: "boolean", default: false },
  },
});
const kills = Number(positionals[0] ?? fullRunKills);
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32));
const people = Number(values.people);
if (
  !Number.isInteger(people) ||
  people < 1 ||
  !Number.isInteger(kills) ||
  kills < 0 ||
  !Number.isInteger(seed)
)
  throw new Error(usage);

const folder = mkdtempSync("/tmp/sparekey-proof-");
const chance = makeChance(seed);
const told: Told = { grantIds: [], attemptIds: [] };
let failed = false;

function report(violations: readonly Violation[]): void {
  for (const { promise, shownBy } of violations) {
    failed = true;
    console.error(`  BROKEN: ${promise}: ${shownBy.length}, such as ${shownBy.slice(0, 5).join("; ")}`);
  }
}

function remember(more: Told): void {
  told.grantIds.push(...more.grantIds);
  told.attemptIds.push(...more.attemptIds);
}

function list(counts: ReadonlyMap<string, number>): void {
  for (const [what, times] of [...counts].sort()) console.log(`  ${String(times).padStart(5)}  ${what}`);
}

const parts: Readonly<Record<string, (product: Product) => Promise<void>>> = {
  races: async (product) => {
    console.log("50 at once: redeem one code, issue to one user, prove by one OTP");
    for (const race of [redeemAtOnce, issueAtOnce, proveAtOnce]) report(await race(product));
  },
  outage: async (product) => {
    console.log("The database goes away under load, in good order and by a crash, and comes back");
    const outage = await loseDatabase(product, chance);
    report(outage.violations);
    remember(outage.told);
    list(outage.statuses);
  },
  kills: async (product) => {
    console.log(`The process is killed ${kills} times`);
    await installSteps(product.sql);
    const campaign = await killAndRestart(product, kills, chance, (line) => console.log(line));
    remember(campaign.told);
    list(campaign.at);
    for (const [step, times] of campaign.missed) console.log(`  ${times} times nobody came by ${step}`);
    const never = [...campaign.at].filter(([, times]) => times === 0).map(([step]) => step);
    report(
      kills < fullRunKills || never.length === 0
        ? []
        : [{ promise: "the process is killed at every step", shownBy: never }],
    );
    report(
      campaign.oddities.length === 0
        ? []
        : [{ promise: "every caller is answered, or cut off", shownBy: campaign.oddities }],
    );
  },
};

console.log(`Seed ${seed}`);
const begun = performance.now();
let product: Product | undefined;
try {
  const wanted = values.only.split(",");
  const alone = ["machine", "import"];
  if (wanted.some((name) => !alone.includes(name) && parts[name] === undefined)) throw new Error(usage);
  if (wanted.includes("import")) {
    console.log(`A file of ${people.toLocaleString("en")} people is imported while people are looked up`);
    const { figures, violations } = await measureImport(folder, people);
    for (const line of tellImport(figures)) console.log(`  ${line}`);
    report(violations);
  }
  if (wanted.includes("machine")) {
    console.log(`The agent of a machine is killed ${kills * 10} times`);
    const { at, violations } = await killMachine(kills * 10, chance, (line) => console.log(line));
    list(at);
    report(violations);
  }
  const onProduct = wanted.filter((name) => !alone.includes(name));
  if (onProduct.length > 0) {
    product = await startProduct(folder);
    for (const name of onProduct) await parts[name]?.(product);
    console.log("Coming to rest");
    if (!(await settle(product, values.aged ? "aged" : "real")))
      report([{ promise: "everything comes to rest by itself", shownBy: ["see below"] }]);
    report(await judgeLedger(product, told));
    console.log(`  ${await countLedger(product)}`);
  }
} catch (error) {
  failed = true;
  console.error(error);
} finally {
  await product?.stop();
}
const seconds = ((performance.now() - begun) / 1000).toFixed(0);
if (failed) {
  console.error(
    `FAILED after ${seconds} s. Again: npm run proof -- ${kills} --seed ${seed} --only ${values.only}. Its data and log: ${folder}`,
  );
} else {
  rmSync(folder, { recursive: true, force: true });
  console.log(`Everything held (${seconds} s).`);
}
process.exit(failed ? 1 : 0);
