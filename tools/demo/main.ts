import { rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { onStopSignals } from "@/lib/platform/stop-signals";
import { ensureBuilt } from "@/tools/build";
import { findObstacle } from "./obstacle";
import { startStack } from "./stack";

const { values } = parseArgs({
  options: {
    fresh: { type: "boolean", default: false },
    host: { type: "string", default: "localhost" },
    folder: { type: "string", default: ".data" },
  },
});
const { folder } = values;
const port = Number(process.env.PORT ?? 3000);
const standinPort = Number(process.env.STANDIN_PORT ?? 3001);

const obstacle = await findObstacle(folder, [port, standinPort], values.host);
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exit(1);
}
if (values.fresh) rmSync(folder, { recursive: true, force: true });

const begun = performance.now();
await ensureBuilt();
const built = performance.now();
if (built - begun > 1_000) console.log(`Built in ${((built - begun) / 1_000).toFixed(0)} s.`);

const stack = await startStack({
  folder,
  port,
  standinPort,
  host: values.host,
  ...(process.env.DATABASE_URL === undefined ? {} : { databaseUrl: process.env.DATABASE_URL }),
  log: "inherit",
});

console.log(`
Sparekey is ready (${((performance.now() - built) / 1_000).toFixed(1)} s).

  Console          ${stack.baseUrl}/users
  The user's page  ${stack.baseUrl}/otp
  The phones       ${stack.standinUrl}/
  Payroll          ${stack.baseUrl}/payroll   an application that signs in by Sparekey

  Sign in as       helpdesk@sparekey.test   looks users up, gives emergency access
                   lead@sparekey.test       helpdesk, for privileged people too
                   security@sparekey.test   sees all that was issued, sets the policy
                   auditor@sparekey.test    reads the log
                   owner@sparekey.test      staff, roles, keys
  Password         sparekey-demo

  Try it with      ada.lovelace
  Keys of programs ${folder}/clients/
  OpenID Connect   ${stack.baseUrl}/oidc/.well-known/openid-configuration

Ctrl-C ends everything.`);

let stopping = false;
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stack.stop();
  process.exit(code);
}
onStopSignals(
  (signal) => {
    console.log(`\n${signal}: ending everything.`);
    void stop(0);
  },
  () => process.exit(1),
);
stack.ended.then((what) => {
  console.error(`${what}; ending the rest.`);
  void stop(1);
});
