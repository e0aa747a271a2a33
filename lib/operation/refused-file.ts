import "server-only";
import { type FileHandle, open, rm } from "node:fs/promises";
import { reasonColumn } from "@/lib/directory/people-columns";
import { toCsvLine } from "@/lib/directory/people-file";

/** Where lines go that an import doesn't take. */
export interface RefusedFile {
  /** Takes the header; what an earlier import left at the path is gone from here on. */
  begin(header: readonly string[]): Promise<void>;
  add(cells: readonly string[], why: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes a file at `path` with the first line that comes, for its owner's eyes alone; without one there is no file. */
export function openRefusedFile(path: string): RefusedFile {
  let handle: FileHandle | undefined;
  let header: readonly string[] = [];
  return {
    begin: async (cells) => {
      header = cells;
      await rm(path, { force: true });
    },
    add: async (cells, why) => {
      if (handle === undefined) {
        handle = await open(path, "wx", 0o600);
        await handle.write(toCsvLine(withReason(header, header, reasonColumn)));
      }
      await handle.write(toCsvLine(withReason(header, cells, why)));
    },
    close: async () => handle?.close(),
  };
}

/** `cells` with `why` behind them, in the place of the reason that an earlier import gave. */
function withReason(header: readonly string[], cells: readonly string[], why: string): string[] {
  const earlier = header.findIndex((name) => name.trim().toLowerCase() === reasonColumn);
  const kept = cells.filter((_, i) => i !== earlier);
  const width = header.length - (earlier < 0 ? 0 : 1);
  return [...kept, ...Array.from({ length: Math.max(0, width - kept.length) }, () => ""), why];
}
