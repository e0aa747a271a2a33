import { isSupportedCountry } from "libphonenumber-js/max";
import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { chunkBytesMax, fileBytesMax } from "./model";

/** What `askImport` is asked. */
export const askImportInput = z.strictObject({
  /** What the file is called. */
  label: z.string().trim().min(1).max(200).refine(isStorable),
  sizeBytes: z.int().min(1).max(fileBytesMax),
  /** ISO 3166, two letters; null: every number has its `+`. */
  country: z.string().refine(isSupportedCountry).nullable(),
  isReplacing: z.boolean(),
});
export type AskImportInput = z.output<typeof askImportInput>;

/** The number of a piece of a file, from 0. */
export const chunkNumber = z.coerce
  .number()
  .int()
  .min(0)
  .max(fileBytesMax / chunkBytesMax - 1);

/** Which import is meant. */
export const importIdInput = z.strictObject({ jobId: z.uuid() });
export type ImportIdInput = z.output<typeof importIdInput>;

/** What `confirmImport` is asked. */
export const confirmImportInput = z.strictObject({
  jobId: z.uuid(),
  /** How many people it disables, as the preview said; needed where that is more than a tenth. */
  disabled: z.int().min(0).nullable(),
});
export type ConfirmImportInput = z.output<typeof confirmImportInput>;
