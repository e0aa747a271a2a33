import { hashRaw } from "@node-rs/argon2";
import { anchorParameters } from "@/lib/codes/chain";
import { type crowds, Series } from "./measure";

/**
 * The machine's bare Argon2id in a process of its own, with the parameters of an access code: told `{atOnce, seconds}`, it
 * answers a figure. Nothing else runs in it.
 */
async function hash(): Promise<void> {
  await hashRaw(Buffer.alloc(9, 7), {
    algorithm: 2,
    version: 1,
    timeCost: anchorParameters.passes,
    memoryCost: anchorParameters.memoryKibibytes,
    parallelism: anchorParameters.lanes,
    outputLen: anchorParameters.bytes,
    salt: Buffer.alloc(16, 3),
  });
}

process.on("message", async ({ atOnce, seconds }: { atOnce: (typeof crowds)[number]; seconds: number }) => {
  const series = new Series();
  await series.run(atOnce, seconds, async () => hash);
  process.send?.(series.rounds);
});
process.on("disconnect", () => process.exit(0));
