import path from "node:path";
import { build } from "esbuild";

/** Where the agent's one file stands after `npm run build:agent`. */
export const agentFile = path.resolve("agent/dist/sparekey-agent.mjs");

/** Builds the agent into one file that needs nothing but Node. */
export async function buildAgent(outfile = agentFile): Promise<string> {
  await build({
    entryPoints: ["agent/main.ts"],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20.9",
    legalComments: "inline",
    // Of all its hashes only the one that is needed.
    alias: { "hash-wasm": "hash-wasm/dist/argon2.umd.min.js" },
    banner: { js: "#!/usr/bin/env node" },
    logLevel: "warning",
  });
  return outfile;
}
