import "server-only";
import { type Comparison, compare } from "@/lib/directory/compare";
import { type KnownPerson, listDirectoryIds, listKnown, listTaken } from "@/lib/directory/known-store";
import { findNamesakes, keeperOf, keptLike } from "@/lib/directory/namesakes";
import type { PersonLine } from "@/lib/directory/people-columns";
import type { Why } from "@/lib/directory/why";
import type { Tx } from "@/lib/platform/transaction";
import { type ImportCounts, noCounts } from "./model";

/** What a line makes of somebody. */
export interface Judged<L extends PersonLine> extends Comparison {
  line: L;
  known: KnownPerson | undefined;
  /** Their manager isn't here, or not yet. */
  isManagerAwaited: boolean;
}

/** The keys of those lines that must be compared with who is here: somebody has the login, or is known elsewhere by a name in it. */
export async function listHere(tx: Tx, lines: readonly PersonLine[]): Promise<ReadonlySet<string>> {
  const taken = await listTaken(
    tx,
    lines.map(({ key }) => key),
  );
  const namesakes = await findNamesakes(tx, lines, keptLike.csv);
  return new Set([
    ...taken,
    ...lines.filter((line) => namesakes.find(line) !== undefined).map(({ key }) => key),
  ]);
}

/** What a line makes of somebody who isn't here. */
export function judgeNew(line: PersonLine): Comparison {
  return compare(line, undefined, undefined);
}

/** Compares lines with the people who are here. What isn't a file's to say comes back with the reason. */
export async function judgeLines<L extends PersonLine>(
  tx: Tx,
  lines: readonly L[],
): Promise<{ judged: Judged<L>[]; refused: { line: L; why: Why }[] }> {
  if (lines.length === 0) return { judged: [], refused: [] };
  const keys = lines.map(({ key }) => key);
  const people = await listKnown(tx, keys);
  const known = new Map(people.map((person) => [person.key, person]));
  const managers = lines.flatMap(({ fields }) => fields.managerKey ?? []);
  const { byLogin, ofOthers } = await listDirectoryIds(tx, [...new Set([...keys, ...managers])]);
  const namesakes = await findNamesakes(tx, lines, keptLike.csv, people);
  const judged: Judged<L>[] = [];
  const refused: { line: L; why: Why }[] = [];
  for (const line of lines) {
    const person = known.get(line.key);
    if (person === undefined && ofOthers.has(line.key))
      refused.push({ line, why: { reason: "login_is_id" } });
    else if (person?.source === "scim" || person?.source === "ldap")
      refused.push({ line, why: { reason: "person_kept", keeper: keeperOf[person.source] } });
    else {
      const { managerKey } = line.fields;
      const manager = managerKey == null ? managerKey : (byLogin.get(managerKey) ?? null);
      const isManagerAwaited = managerKey != null && manager === null;
      const comparison = compare(line, person, manager);
      const why = namesakes.tell(comparison, person);
      if (why !== undefined) refused.push({ line, why });
      else judged.push({ ...comparison, line, known: person, isManagerAwaited });
    }
  }
  return { judged, refused };
}

/** What judgements come to: everybody counts once, and who is disabled or enabled counts as that, whatever else changes of them. */
export function countJudged(judged: readonly Comparison[]): ImportCounts {
  const counts = { ...noCounts };
  for (const { is, becomesDisabled, becomesEnabled, phonesKept } of judged) {
    counts[becomesDisabled ? "disabled" : becomesEnabled ? "enabled" : is] += 1;
    counts.phonesKept += phonesKept;
  }
  return counts;
}
