import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { hashAnchor as hashInWebAssembly } from "@/agent/argon2";
import { hashAnchor } from "@/lib/codes/anchor";
import { buildAgent } from "@/tools/build-agent";
import { makeMachine, removeFolder, run } from "@/tools/testing/agent";
import { makeSlot } from "@/tools/testing/agent-server";
import { quantilesOf } from "./quantiles";

/** What an answer without a network costs, in milliseconds at the median, and what the agent weighs. */
export interface MachineFigures {
  /** From starting Node until `yes` and its end. */
  verify: number;
  /** Node that starts and does nothing. */
  bareNode: number;
  /** One Argon2id of the same parameters, as the server computes it. */
  argonNative: number;
  /** The same in WebAssembly, as the agent does. */
  argonWebAssembly: number;
  bundleBytes: number;
  bundleGzipBytes: number;
}

/** Measures the built agent's answer to a right code beside what it can't do without; all take turns. */
export async function measureMachine(rounds: number): Promise<MachineFigures> {
  const folder = mkdtempSync("/tmp/sparekey-bench-machine-");
  const machine = makeMachine();
  try {
    const program = await buildAgent(path.join(folder, "sparekey-agent.mjs"));
    const { slot, codeFor } = await makeSlot(1, { kind: "reusable" });
    await machine.hold([{ userId: crypto.randomUUID(), names: ["ada.lovelace"], slots: [slot] }]);
    const args = ["verify", "--user", "ada.lovelace", "--state", machine.folder];
    const [x0, salt] = [new Uint8Array(9), new Uint8Array(16)];
    const works = {
      verify: async () => {
        const { stdout } = await run(process.execPath, [program, ...args], codeFor(24));
        if (stdout !== "yes\n") throw new Error(`the agent said ${stdout}`);
      },
      bareNode: () => run(process.execPath, ["-e", "0"]),
      argonNative: () => hashAnchor(x0, salt),
      argonWebAssembly: () => hashInWebAssembly(x0, salt),
    };
    const took: Record<keyof typeof works, number[]> = {
      verify: [],
      bareNode: [],
      argonNative: [],
      argonWebAssembly: [],
    };
    for (let round = 0; round < rounds; round++)
      for (const name of Object.keys(works) as (keyof typeof works)[]) {
        const from = performance.now();
        await works[name]();
        took[name].push(performance.now() - from);
      }
    const median = (of: number[]) => quantilesOf(of)(0.5);
    return {
      verify: median(took.verify),
      bareNode: median(took.bareNode),
      argonNative: median(took.argonNative),
      argonWebAssembly: median(took.argonWebAssembly),
      bundleBytes: statSync(program).size,
      bundleGzipBytes: gzipSync(readFileSync(program)).length,
    };
  } finally {
    removeFolder(machine.folder);
    rmSync(folder, { recursive: true, force: true });
  }
}
