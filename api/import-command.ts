import "server-only";
import { parseArgs } from "node:util";
import { isSupportedCountry } from "libphonenumber-js/max";
import { handOver } from "@/lib/directory/hand-over";
import { sayWhy } from "@/lib/directory/say-why";
import { type ImportFileInput, importFile } from "@/lib/imports/import-file";
import type { ImportCounts } from "@/lib/imports/model";
import { assertNever } from "@/lib/platform/outcome";
import { type Command, Misuse, operator, requireArgument, say, sayNumbers } from "./command";

function parseWish(args: string[]): ImportFileInput {
  const options = {
    country: { type: "string" },
    "dry-run": { type: "boolean", default: false },
    replace: { type: "boolean", default: false },
    yes: { type: "boolean", default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const country = values.country?.toUpperCase();
    if (country !== undefined && !isSupportedCountry(country))
      throw new Misuse(
        `There is no country ${values.country}: --country takes its two letters, as in --country DE.`,
      );
    if (positionals.length > 1) throw new Misuse("One FILE at a time.");
    return {
      file: requireArgument(positionals, "FILE"),
      country,
      isPreview: values["dry-run"],
      isReplacing: values.replace,
      isConfirmed: values.yes,
    };
  } catch (error) {
    if (error instanceof TypeError) throw new Misuse(error.message);
    throw error;
  }
}

function sayCounts(counts: ImportCounts, { file, isPreview }: ImportFileInput): void {
  const would = isPreview ? "would be " : "";
  const absent = counts.absent === 0 ? "" : ` (not in the file: ${counts.absent})`;
  say(`Lines: ${counts.people}`);
  sayNumbers([
    [`${would}added`, counts.added],
    [`${would}changed`, counts.changed],
    ["unchanged", counts.unchanged],
    ["refused", counts.refused, counts.refused === 0 ? "" : `, see ${file}.refused.csv`],
    [`${would}disabled`, counts.disabled, absent],
    ...(counts.enabled > 0 ? [[`${would}enabled again`, counts.enabled] as const] : []),
  ]);
  if (counts.grantsEnded > 0) say(`Live grants ended with them: ${counts.grantsEnded}`);
  if (counts.phonesKept > 0)
    say(
      `Numbers that staff set and the file has otherwise: ${counts.phonesKept}. They stay as staff set them.`,
    );
  if (counts.managersUnknown > 0)
    say(
      `People whose manager is neither here nor in the file: ${counts.managersUnknown}. They have none now.`,
    );
}

async function run(args: string[]): Promise<void> {
  const wish = parseWish(args);
  const result = await importFile(operator("import"), wish);
  if (result.ok) {
    sayCounts(result.counts, wish);
    return;
  }
  switch (result.reason) {
    case "unreadable":
      throw new Misuse(`${wish.file}: ${sayWhy("en", result.why)}. Nothing was imported.`);
    case "nameless":
      sayCounts(result.counts, { ...wish, isPreview: true });
      throw new Misuse(
        `Lines that name nobody: ${result.counts.nameless}. Who is not in the file can't be known so: mend them, or leave --replace out. Nothing was imported.`,
      );
    case "too_many_disabled":
      sayCounts(result.counts, { ...wish, isPreview: true });
      throw new Misuse(
        `${result.counts.disabled} of ${result.enabled} people would be disabled, more than a tenth: with --yes if that is meant. Nothing was imported.`,
      );
    default:
      assertNever(result);
  }
}

/** The operator's commands about where people come from. */
export const importCommand: Record<string, Command> = {
  import: {
    usage: "import FILE [--country DE] [--dry-run] [--replace [--yes]]",
    about: "brings people in from a CSV file (npm run import -- FILE is the same)",
    run,
  },
  "hand-over-to-scim": {
    usage: "hand-over-to-scim",
    about: "makes everybody who came from a file the directory's to keep by SCIM",
    run: async () => {
      const { people } = await handOver(operator("hand-over-to-scim"), "scim");
      say(`Handed over: ${people} people. The directory keeps them by SCIM from its next sync on.`);
    },
  },
};
