import "server-only";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";

/** What a machine needs, by the name that it has there, and where this server has it. */
const places = {
  "sparekey-agent.mjs": "agent/dist/sparekey-agent.mjs",
  "verify-code": "agent/linux/verify-code",
  "sparekey-agent.service": "agent/linux/sparekey-agent.service",
  "sparekey-second-factor": "agent/linux/sparekey-second-factor",
} as const;

/** The path under which the files are handed out, by their names. */
export const agentFilesPath = "/agent/v1/files/";

/** A file for machines, by its name and what `sha256sum` there must say of it (hexadecimal). */
export interface AgentFile {
  readonly name: string;
  readonly sha256: string;
}

/**
 * Reads a file for machines; undefined: there is none of that name, or the program was not built here.
 * None is a secret: whoever asks gets it. That it is the one that the console means is held by its digest.
 */
export async function findAgentFile(name: string): Promise<Buffer | undefined> {
  if (!Object.hasOwn(places, name)) return undefined;
  try {
    return await readFile(path.resolve(/* turbopackIgnore: true */ places[name as keyof typeof places]));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Lists what a machine needs; undefined: this server was built without the program. */
export async function listAgentFiles(): Promise<AgentFile[] | undefined> {
  const files: AgentFile[] = [];
  for (const name of Object.keys(places)) {
    const bytes = await findAgentFile(name);
    if (bytes === undefined) return undefined;
    files.push({ name, sha256: createHash("sha256").update(bytes).digest("hex") });
  }
  return files;
}
