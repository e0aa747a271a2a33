import "server-only";
import { previewCsv } from "./csv-preview";
import { countAbsentNow, writeCsv } from "./csv-write";
import type { ImportKind } from "./kind";

/** People from a file of comma-separated values. */
export const csvImports: ImportKind = {
  preview: previewCsv,
  countAbsent: countAbsentNow,
  write: writeCsv,
};
