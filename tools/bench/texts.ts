import { until } from "@/tools/proof/product";
import { Series } from "./measure";
import type { Bench, Comparison } from "./report";
import { stockTexts } from "./stock";

const TEXTS = 1_500;
const DUE_SECONDS = 3;

/** The texts that are queued at once leave with a provider that takes half a second for each, and with one that takes none. */
export async function benchTexts({ product, rounds, watched, readMemoryMb }: Bench): Promise<Comparison[]> {
  const { sql, stack } = product;
  let batch = 0;
  const send = async (series: Series, latencyMs: number): Promise<void> => {
    await fetch(`${stack.standinUrl}/latency`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ms: latencyMs }),
    });
    const kind = await stockTexts(sql, batch++, TEXTS, DUE_SECONDS);
    const mine = sql`user_id in (select id from users where last_name = ${kind})`;
    const isSent = async () => {
      const [row] = await sql<{ open: number }[]>`
        select count(*)::int as open from delivery where ${mine} and state in ('queued', 'sending')`;
      return row?.open === 0;
    };
    if (!(await series.watch(() => until(isSent, 120_000, 200)))) throw new Error("texts were not sent");
    const [row] = await sql<{ seconds: number; failed: number }[]>`
      select extract(epoch from max(sent_at) - min(due_at))::float8 as seconds, count(*) filter (where state not in ('sent', 'delivered'))::int as failed
      from delivery where ${mine}`;
    if (row === undefined || row.failed > 0) throw new Error(`${row?.failed} texts were not taken`);
    const took = await sql<{ ms: number }[]>`
      select extract(epoch from sent_at - sending_at)::float8 * 1000 as ms from delivery where ${mine}`;
    series.add({ done: TEXTS, seconds: row.seconds, took: took.map(({ ms }) => ms) });
  };
  const [slow, fast] = [new Series(watched), new Series(watched)];
  let memoryMb = 0;
  for (let round = 0; round < rounds; round += 1) {
    await send(fast, 0);
    await send(slow, 500);
    memoryMb = Math.max(memoryMb, readMemoryMb());
  }
  return [
    {
      what: "text sent, the provider takes 500 ms",
      atOnce: null,
      ours: slow.figure,
      memoryMb,
      against: [{ whom: "one that takes none", figure: fast.figure, aim: 0.9 }],
    },
  ];
}
