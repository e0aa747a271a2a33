import { execFileSync } from "node:child_process";
import { onStopSignals } from "@/lib/platform/stop-signals";
import { findObstacle } from "./obstacle";
import { startStack } from "./stack";

const port = Number(process.env.PORT ?? 3000);
const standinPort = Number(process.env.STANDIN_PORT ?? 3001);
const obstacle = await findObstacle(".data", [port, standinPort], "localhost");
if (obstacle !== undefined) {
  console.error(obstacle);
  process.exit(1);
}

for (const entry of ["api/server.ts", "tools/standin/main.ts"])
  execFileSync(process.execPath, ["tools/run.mjs", entry, "--bundle-only"]);

const stack = await startStack({
  folder: ".data",
  port,
  standinPort,
  log: "inherit",
  mode: "development",
  environment: { LOG_LEVEL: "info" },
});
console.log(
  `\n  ${stack.baseUrl}/users   pages reload as you save; after a change in api/ or lib/ that programs use, start again`,
);

let stopping = false;
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stack.stop();
  process.exit(code);
}
onStopSignals(
  () => void stop(0),
  () => process.exit(1),
);
stack.ended.then(() => void stop(1));
