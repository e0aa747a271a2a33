import { spawn } from "node:child_process";
import { expect, test } from "@playwright/test";

/** A sample of `npm run proof`, on a product of its own; answers what it said and how it ended. */
async function prove(args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["tools/run.mjs", "tools/proof/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, said };
}

test.beforeEach(() => test.setTimeout(240_000));

test("killed at five moments of issuing and sending, nothing is lost, doubled or left unsaid", async () => {
  const { code, said } = await prove(["5", "--aged", "--only", "kills"]);
  expect(code, said).toBe(0);
});

test("a file of 2,000 people comes in whole while people are looked up", async () => {
  const { code, said } = await prove(["--only", "import", "--people", "2000"]);
  expect(code, said).toBe(0);
});

test("50 at once get one code, one use and one proof; a database that goes away is answered by 503 and outlived", async () => {
  const { code, said } = await prove(["--aged", "--only", "races,outage"]);
  expect(code, said).toBe(0);
});
