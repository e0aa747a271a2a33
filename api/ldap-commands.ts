import "server-only";
import { parseArgs } from "node:util";
import { handOver } from "@/lib/directory/hand-over";
import { sayWhy } from "@/lib/directory/say-why";
import type { ImportCounts } from "@/lib/imports/model";
import { syncHere } from "@/lib/ldap/sync-here";
import { testKeptDirectory } from "@/lib/ldap/test-directory";
import { assertNever } from "@/lib/platform/outcome";
import { type Command, Misuse, operator, say, sayNumbers } from "./command";

const noDirectory = "There is no LDAP directory. An owner connects one on the page Directory.";

async function testCommand(): Promise<void> {
  const result = await testKeptDirectory(operator("ldap-test"));
  if (result.ok) {
    say(
      `People that the filter finds: ${result.isMore ? "more than " : ""}${result.people}. Groups: ${result.groups}.`,
    );
    for (const { login, displayName, email, sms, voice, groups, isDisabled } of result.sample)
      say(
        `  ${login}: ${displayName}, ${email ?? "no address"}, text ${sms ?? "–"}, call ${voice ?? "–"}, groups ${groups.join(", ") || "none"}${isDisabled ? ", disabled" : ""}`,
      );
    for (const { login, why } of result.refused)
      say(`  not taken: ${login ?? "(no login)"}: ${sayWhy("en", why)}`);
    return;
  }
  switch (result.reason) {
    case "not_found":
      throw new Misuse(noDirectory);
    case "step_up_needed":
    case "password_needed":
      throw new Misuse("The password that is kept is for another address: an owner gives it again.");
    default:
      throw new Misuse(`Refused: ${sayWhy("en", result)}.`);
  }
}

function sayCounts(counts: ImportCounts, would: string): void {
  say(`Read: ${counts.people}`);
  sayNumbers([
    [`${would}added`, counts.added],
    [`${would}changed`, counts.changed],
    ["unchanged", counts.unchanged],
    ["refused", counts.refused],
    [`${would}disabled`, counts.disabled, ` (not in the directory: ${counts.absent})`],
    ...(counts.enabled > 0 ? [[`${would}enabled again`, counts.enabled] as const] : []),
  ]);
  if (counts.grantsEnded > 0) say(`Live grants ended with them: ${counts.grantsEnded}`);
}

async function syncCommand(args: string[]): Promise<void> {
  let values: { full: boolean; yes: boolean };
  try {
    const options = {
      full: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
    } as const;
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    throw error instanceof TypeError ? new Misuse(error.message) : error;
  }
  const result = await syncHere(operator("ldap-sync"), { isFull: values.full, isConfirmed: values.yes });
  if (result.ok) return sayCounts(result.counts, "");
  switch (result.reason) {
    case "not_found":
      throw new Misuse(noDirectory);
    case "syncs_already":
      throw new Misuse("A sync runs already, or waits for a word on the page Directory.");
    case "not_confirmed":
      sayCounts(result.counts, "would be ");
      throw new Misuse(
        `Of ${result.enabled} people ${result.counts.disabled} would be disabled: with --yes if that is meant. Nothing was changed.`,
      );
    case "failed":
      throw new Misuse(
        `The sync ended: ${sayWhy("en", result.why)}. Nobody is disabled because of it; run it again.`,
      );
    default:
      assertNever(result);
  }
}

/** The operator's commands about the LDAP directory. */
export const ldapCommands: Record<string, Command> = {
  "ldap-test": {
    usage: "ldap-test",
    about: "tries the LDAP directory that is kept, and shows three of its people",
    run: testCommand,
  },
  "ldap-sync": {
    usage: "ldap-sync [--full] [--yes]",
    about: "brings people to what the LDAP directory says now",
    run: syncCommand,
  },
  "hand-over-to-ldap": {
    usage: "hand-over-to-ldap",
    about: "makes everybody who came from a file the LDAP directory's to keep",
    run: async () => {
      const { people } = await handOver(operator("hand-over-to-ldap"), "ldap");
      say(
        `Handed over: ${people} people. The next sync finds them by their logins, and disables whom it doesn't find.`,
      );
    },
  },
};
