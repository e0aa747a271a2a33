import "server-only";
import { z } from "zod";

const position = z.tuple([z.iso.datetime({ precision: 3 }), z.uuid()]);

/** Writes the place in a list after which the next page begins; opaque to whoever carries it. */
export function toCursor(row: { createdAt: Date; id: string }): string {
  return Buffer.from(`${row.createdAt.toISOString()} ${row.id}`).toString("base64url");
}

/** Reads a cursor; undefined for what `toCursor` never wrote. */
export function parseCursor(cursor: string): { createdAt: Date; id: string } | undefined {
  const read = position.safeParse(Buffer.from(cursor, "base64url").toString().split(" "));
  if (!read.success) return undefined;
  const [text, id] = read.data;
  const createdAt = new Date(text);
  return createdAt.getTime() > 0 ? { createdAt, id } : undefined;
}
