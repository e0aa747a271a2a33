import "server-only";
import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rename, rm, rmdir, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { extract, pack } from "tar-stream";
import { z } from "zod";
import { currentKeyId, listKeyIds } from "@/lib/platform/keys";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import {
  advanceCounters,
  beginGeneration,
  connectAsOwner,
  copyIn,
  hasContent,
  inSnapshot,
  listTables,
  type RestoreEnds,
  readSchemaVersion,
  recordBackup,
  removeFirstState,
  setTellsWebhooks,
} from "./backup-store";

const manifestSchema = z.object({
  format: z.literal(1),
  madeAt: z.string(),
  schemaVersion: z.string(),
  keyId: z.string(),
  tables: z.array(
    z.object({ name: z.string(), columns: z.array(z.string()), bytes: z.number(), rows: z.number() }),
  ),
});

const MANIFEST = "manifest.json";

/** Takes the name `file` for us, unless something has it. */
async function claimName(file: string): Promise<boolean> {
  try {
    await (await open(file, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Opens a file that is gone with this process, however it ends: nothing leads to it. */
async function openScratch(): Promise<FileHandle> {
  const folder = await mkdtemp(path.join(tmpdir(), "sparekey-backup-"));
  const name = path.join(folder, "rows");
  const file = await open(name, "wx+", 0o600);
  await unlink(name);
  await rmdir(folder);
  return file;
}

/**
 * Writes everything that the database at `url` holds, as of one moment, into `file` (a gzipped tar of COPY texts, mode 0600).
 * The master key is not in it: without the key of that day the seeds and TOTP secrets in it do not open. Other instances may
 * go on working. The file appears under its name only when it is whole.
 * @returns how many tables and rows it holds; refusal: `exists` (something has that name, and stays as it is).
 * @throws where the file can't be written, as the system says it; nothing is left behind then.
 */
export async function backUp(
  url: string,
  file: string,
): Promise<Success<{ tables: number; rows: number }> | Refusal<"exists">> {
  if (existsSync(file)) return refuse("exists");
  const sql = connectAsOwner(url);
  const scratch: FileHandle[] = [];
  const unfinished = `${file}.${process.pid}.part`;
  try {
    const manifest = await inSnapshot(url, sql, async (tx, copyOut) => {
      const tables: z.output<typeof manifestSchema>["tables"] = [];
      for (const table of await listTables(tx)) {
        const part = await openScratch();
        scratch.push(part);
        let [bytes, rows] = [0, 0];
        for await (const chunk of copyOut(table) as AsyncIterable<Buffer>) {
          bytes += chunk.length;
          for (const byte of chunk) if (byte === 10) rows += 1;
          await part.appendFile(chunk);
        }
        tables.push({ ...table, bytes, rows });
      }
      return {
        format: 1 as const,
        madeAt: new Date().toISOString(),
        schemaVersion: await readSchemaVersion(tx),
        keyId: currentKeyId(),
        tables,
      };
    });
    const archive = pack();
    const fill = async () => {
      archive.entry({ name: MANIFEST }, JSON.stringify(manifest, null, 2));
      for (const [index, table] of manifest.tables.entries()) {
        const entry = archive.entry({ name: `${table.name}.copy`, size: table.bytes });
        await pipeline(
          (scratch[index] as FileHandle).createReadStream({ start: 0, autoClose: false }),
          entry,
        );
      }
      archive.finalize();
    };
    const target = createWriteStream(unfinished, { mode: 0o600, flush: true });
    await Promise.all([pipeline(archive, createGzip(), target), fill()]);
    if (!(await claimName(file))) return refuse("exists");
    await rename(unfinished, file);
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
    await recordBackup(sql, randomUUID(), rows);
    return { ok: true, tables: manifest.tables.length, rows };
  } finally {
    await Promise.allSettled([
      ...scratch.map((part) => part.close()),
      rm(unfinished, { force: true }),
      sql.end({ timeout: 5 }),
    ]);
  }
}

/** Why a backup is not restored; nothing was changed. */
export type RestoreRefusal =
  | Refusal<"not_empty">
  | Refusal<"not_a_backup">
  | Refusal<"other_schema", { schemaVersion: string }>
  | Refusal<"other_key", { keyId: string }>;

/**
 * Restores `file` into the migrated and empty database at `url`, and begins a new generation: open slots are retired, live grants
 * revoked, sessions and OTPs ended, nothing that waited is sent (access-code, "After a restore from backup"). One transaction:
 * a crash leaves the database empty.
 * @returns what ended; refusals: `not_empty` (the database holds staff, users or events), `not_a_backup` (or cut short),
 * `other_schema` (made by another version: restore with that one, then update), `other_key` (neither SPAREKEY_MASTER_KEY nor
 * SPAREKEY_MASTER_KEY_PREVIOUS is the key of that day).
 */
export async function restore(
  url: string,
  file: string,
): Promise<Success<RestoreEnds & { rows: number }> | RestoreRefusal> {
  const sql = connectAsOwner(url);
  try {
    if (await hasContent(sql)) return refuse("not_empty");
    const schemaVersion = await readSchemaVersion(sql);
    return await sql.begin(async (tx) => {
      await setTellsWebhooks(tx, false);
      const archive = extract();
      const source = pipeline(createReadStream(file), createGunzip(), archive);
      source.catch(() => undefined);
      let manifest: z.output<typeof manifestSchema> | undefined;
      let rows = 0;
      let restored = 0;
      for await (const entry of archive) {
        if (entry.header.name === MANIFEST) {
          const chunks: Buffer[] = [];
          for await (const chunk of entry) chunks.push(chunk as Buffer);
          manifest = manifestSchema.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
          if (manifest.schemaVersion !== schemaVersion)
            throw new RestoreStopped(refuse("other_schema", { schemaVersion: manifest.schemaVersion }));
          if (!listKeyIds().includes(manifest.keyId))
            throw new RestoreStopped(refuse("other_key", { keyId: manifest.keyId }));
          await removeFirstState(tx);
          continue;
        }
        const table = manifest?.tables.find((known) => `${known.name}.copy` === entry.header.name);
        if (table === undefined) throw new RestoreStopped(refuse("not_a_backup"));
        await copyIn(tx, table, Readable.from(entry));
        rows += table.rows;
        restored += 1;
      }
      await source;
      if (manifest === undefined || restored !== manifest.tables.length)
        throw new RestoreStopped(refuse("not_a_backup"));
      await setTellsWebhooks(tx, true);
      await advanceCounters(tx);
      return { ok: true as const, rows, ...(await beginGeneration(tx, randomUUID())) };
    });
  } catch (error) {
    if (error instanceof RestoreStopped) return error.refusal;
    const code = (error as { code?: unknown }).code;
    if (
      error instanceof z.ZodError ||
      error instanceof SyntaxError ||
      (typeof code === "string" && code.startsWith("Z_")) ||
      (error instanceof Error && /tar|end of data|premature/i.test(error.message))
    ) {
      return refuse("not_a_backup");
    }
    throw error;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Carries a refusal out of the transaction, which it rolls back. */
class RestoreStopped extends Error {
  constructor(readonly refusal: RestoreRefusal) {
    super(refusal.reason);
  }
}

/**
 * Begins a new generation on the database at `url` as it stands: for whoever restored it by other means than `restore`.
 * @returns what ended.
 */
export async function startGeneration(url: string): Promise<Success<RestoreEnds>> {
  const sql = connectAsOwner(url);
  try {
    return { ok: true, ...(await sql.begin((tx) => beginGeneration(tx, randomUUID()))) };
  } finally {
    await sql.end({ timeout: 5 });
  }
}
