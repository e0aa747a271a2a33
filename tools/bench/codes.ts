import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { toCredentials } from "@/tools/proof/callers";
import { Line, writeRequest } from "./line";
import { crowds, type Rounds, readCpuMs, Series } from "./measure";
import type { Bench, Comparison } from "./report";
import { type StockedCode, stockCodes } from "./stock";

/** More than any machine redeems in a second, of either crowd. */
const PER_SECOND_MAX = 700;

/** How long codes are redeemed before any is measured: so few a second run interpreted for long, and a server runs for weeks. */
const COMPILED_AFTER_SECONDS = 30;

function startArgon(): ChildProcess {
  execFileSync(process.execPath, ["tools/run.mjs", "tools/bench/argon.ts", "--bundle-only"]);
  return fork(".build/tools-bench-argon.mjs");
}

/** The share of bare Argon2id's rate that is left beside what the database takes of the processors for each code. */
function besideDatabase({ figure: { cpu } }: Series, floor: Series): number {
  const { server: argonMs = Number.NaN } = floor.figure.cpu;
  const { database: databaseMs = Number.NaN } = cpu;
  return argonMs / (argonMs + databaseMs);
}

/** Access codes redeemed through the Authentication API, one HTTP call each, against the machine's bare Argon2id. */
export async function benchCodes({
  product,
  clientKey,
  rounds,
  seconds,
  watched,
  readMemoryMb,
}: Bench): Promise<Comparison[]> {
  const argon = startArgon();
  const askArgon = (atOnce: number): Promise<Rounds> =>
    new Promise((resolve) => {
      argon.once("message", (message) => resolve(message as Rounds));
      argon.send({ atOnce, seconds });
    });
  const port = Number(new URL(product.stack.baseUrl).port);
  let stock: StockedCode[] = await stockCodes(
    product.sql,
    0,
    (rounds * seconds * crowds.length + COMPILED_AFTER_SECONDS) * PER_SECOND_MAX,
  );
  const makeWorker = async () => {
    const line = await Line.open(port);
    return async () => {
      const code = stock.pop();
      if (code === undefined) throw new Error("the stock of codes ran out");
      const { status, body } = await line.send(
        writeRequest(
          "/mfa/v1_1/authn/initialize",
          { "client-key": clientKey },
          {
            clientId: "bench",
            subjectName: code.login,
            context: { messageId: "bench" },
            subjectCredentials: toCredentials("EMERGENCY_TOKENCODE", code.text),
          },
        ),
      );
      if (status !== 200 || !body.includes('"attemptResponseCode":"SUCCESS"'))
        throw new Error(`a code was not redeemed: ${status} ${body}`);
    };
  };

  await new Series().run(16, COMPILED_AFTER_SECONDS, makeWorker);
  const comparisons: Comparison[] = [];
  for (const atOnce of crowds) {
    const [ours, floor] = [new Series(watched), new Series({ server: () => readCpuMs(argon.pid as number) })];
    let memoryMb = 0;
    for (let round = 0; round < rounds; round += 1) {
      floor.add(await floor.watch(() => askArgon(atOnce)));
      await ours.run(atOnce, seconds, makeWorker);
      memoryMb = Math.max(memoryMb, readMemoryMb());
    }
    comparisons.push({
      what: "access code redeemed",
      atOnce,
      ours: ours.figure,
      memoryMb,
      against: [
        { whom: "bare Argon2id", figure: floor.figure, aim: 0.9, atMost: besideDatabase(ours, floor) },
      ],
    });
  }
  stock = [];
  argon.disconnect();
  return comparisons;
}
