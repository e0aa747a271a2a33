import type { Product } from "@/tools/proof/product";
import { Line } from "./line";
import { crowds, readCpuMs, readMemoryMb, Series, WARM_UP_SECONDS } from "./measure";
import type { Comparison } from "./report";

const typed = ["a", "so", "ada", "lov ada", "müller", "e10", "0107", "xqz"];

/** Look-ups as the console asks for them: signed in, among the demo's people. What stands around the look-up itself is in it. */
export async function benchDoor(
  { stack }: Product,
  options: { cookie: string; rounds: number; seconds: number },
): Promise<Comparison[]> {
  const { cookie, rounds, seconds } = options;
  const { port, host } = new URL(stack.baseUrl);
  let turn = 0;
  const makeWorker = async () => {
    const line = await Line.open(Number(port));
    return async () => {
      turn += 1;
      const query = encodeURIComponent(typed[turn % typed.length] ?? "");
      const { status } = await line.send(
        `GET /api/users?query=${query} HTTP/1.1\r\nhost: ${host}\r\ncookie: ${cookie}\r\n\r\n`,
      );
      if (status !== 200) throw new Error(`the look-up answered ${status}`);
    };
  };
  await new Series().run(16, WARM_UP_SECONDS, makeWorker);
  const comparisons: Comparison[] = [];
  for (const atOnce of crowds) {
    const series = new Series({ server: () => readCpuMs(stack.serverPid()) });
    for (let round = 0; round < rounds; round += 1) await series.run(atOnce, seconds, makeWorker);
    comparisons.push({
      what: "look-up at the console's door",
      atOnce,
      ours: series.figure,
      memoryMb: readMemoryMb(stack.serverPid()),
      against: [],
    });
  }
  return comparisons;
}
