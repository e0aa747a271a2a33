import "server-only";
import { sql } from "drizzle-orm";
import { importChunk } from "@/db/schema/imports";
import type { Tx } from "@/lib/platform/transaction";

/** Keeps a piece of a file; the same piece again takes its place. */
export async function putChunk(tx: Tx, jobId: string, number: number, bytes: Uint8Array): Promise<void> {
  await tx
    .insert(importChunk)
    .values({ jobId, number, bytes })
    .onConflictDoUpdate({ target: [importChunk.jobId, importChunk.number], set: { bytes } });
}

/** How many pieces there are, how many bytes, and the number of the last. */
export async function measureChunks(
  tx: Tx,
  jobId: string,
): Promise<{ count: number; bytes: number; last: number }> {
  const [row] = await tx.execute<{ count: number; bytes: number; last: number }>(sql`
    select count(*)::integer as count, coalesce(sum(octet_length(bytes)), 0)::float8 as bytes, coalesce(max(number), -1)::integer as last
    from import_chunk where job_id = ${jobId}::uuid`);
  return row ?? { count: 0, bytes: 0, last: -1 };
}

/** Reads a piece of a file. */
export async function readChunk(tx: Tx, jobId: string, number: number): Promise<Uint8Array | undefined> {
  const [row] = await tx.execute<{ bytes: Uint8Array }>(
    sql`select bytes from import_chunk where job_id = ${jobId}::uuid and number = ${number}`,
  );
  return row?.bytes;
}

/** Deletes all pieces of a file. */
export async function deleteChunks(tx: Tx, jobId: string): Promise<void> {
  await tx.execute(sql`delete from import_chunk where job_id = ${jobId}::uuid`);
}
