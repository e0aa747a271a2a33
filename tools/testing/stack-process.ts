import { appendFileSync } from "node:fs";
import path from "node:path";
import { startStack } from "@/tools/demo/stack";
import { keepingAnswers } from "./answers";

/** Runs a whole product on the folder named by the first argument, on free ports, until the parent lets go; tells the parent where. */
const folder = process.argv[2] as string;
const logFile = path.join(folder, "server.log");
const { serverFlags, environment } = keepingAnswers(folder);
const stack = await startStack({
  folder,
  port: 0,
  standinPort: 0,
  durable: false,
  log: (line) => appendFileSync(logFile, line),
  serverFlags,
  environment: { ...environment, LOG_LEVEL: "info", SPAREKEY_TRUST_PROXY: "loopback" },
});
const { baseUrl, standinUrl, databaseUrl } = stack;
process.send?.({ baseUrl, standinUrl, databaseUrl, folder, logFile });
let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stack.stop();
  process.exit(0);
}
process.on("disconnect", () => void stop());
process.on("SIGTERM", () => void stop());
