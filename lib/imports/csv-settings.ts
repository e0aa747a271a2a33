import { isSupportedCountry } from "libphonenumber-js/max";
import { z } from "zod";
import { Fault } from "@/lib/platform/outcome";

const csvSettings = z.object({
  sizeBytes: z.int().min(0),
  /** Whose national way of writing phone numbers is meant where there is no `+`. */
  country: z.string().refine(isSupportedCountry).nullable(),
  /** The file is everybody: who isn't in it has left. */
  isReplacing: z.boolean(),
});

/** What a file of people is imported by. */
export type CsvSettings = z.output<typeof csvSettings>;

/**
 * Reads what an import of a file is kept with.
 * @throws {Fault} where it isn't that: of another kind of source, or of an import whose personal side was forgotten.
 */
export function toCsvSettings(settings: unknown): CsvSettings {
  const parsed = csvSettings.safeParse(settings);
  if (!parsed.success) throw new Fault("an import of a file has no settings of one", { cause: parsed.error });
  return parsed.data;
}
