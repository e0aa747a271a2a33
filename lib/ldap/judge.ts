import "server-only";
import { type Comparison, compare } from "@/lib/directory/compare";
import { type KnownPerson, listKnown } from "@/lib/directory/known-store";
import { findNamesakes, keeperOf, keptLike } from "@/lib/directory/namesakes";
import type { Why } from "@/lib/directory/why";
import type { Tx } from "@/lib/platform/transaction";
import type { DirectoryPerson } from "./entry";
import { findHere } from "./people-store";
import type { Roll } from "./reader";

/** What an entry makes of somebody. */
export interface JudgedPerson extends Comparison {
  line: DirectoryPerson;
  known: KnownPerson | undefined;
  /** They came from a file, and are known by the directory's id from now on. */
  isAdopted: boolean;
  /** Somebody who has left the directory and has the login still. */
  leaver: KnownPerson | undefined;
  /** Somebody who has the login still, and gets another with them. */
  holder: KnownPerson | undefined;
  /** Their manager is in the directory and isn't here, or not yet. */
  managerId: string | null;
  isManagerAwaited: boolean;
}

/** What entries make of people. */
export interface Judgement {
  judged: JudgedPerson[];
  refused: { line: DirectoryPerson; why: Why }[];
  /** Whose login another has still: to be looked at again when the others are done. */
  deferred: DirectoryPerson[];
}

/** Turns away those whose login somebody has who isn't given another among `judged`. */
function turnAwayWaiting({ judged, refused, deferred }: Judgement): Judgement {
  const taken = new Map(judged.map((each) => [each.line.directoryId, each]));
  for (let before = -1; before !== taken.size; ) {
    before = taken.size;
    for (const [id, { holder }] of taken)
      if (holder !== undefined && !taken.has(holder.directoryId)) taken.delete(id);
  }
  const waiting = judged.filter(({ line }) => !taken.has(line.directoryId));
  return {
    judged: [...taken.values()],
    refused: [
      ...refused,
      ...waiting.map(({ line }) => ({ line, why: { reason: "login_of_another" } as const })),
    ],
    deferred,
  };
}

/** Whether somebody came from a file and has no id of the directory yet. */
const isUnnumbered = (person: KnownPerson) => person.source === "ldap" && person.directoryId === person.key;

/**
 * Compares people of the directory with those who are here: by the directory's id, and those who came from a file by their login.
 * @param people no two of them with one login or id.
 * @param isLast nobody is deferred: whose login another person of the directory has is refused, unless `people` give that one another.
 * @param freed logins that were taken from who has them here, where that is only counted.
 */
export async function judgePeople(
  tx: Tx,
  people: readonly DirectoryPerson[],
  roll: Roll,
  isLast: boolean,
  freed: ReadonlySet<string>,
): Promise<Judgement> {
  const known = await listKnown(
    tx,
    people.map(({ key }) => key),
    people.map(({ directoryId }) => directoryId),
  );
  const byId = new Map(known.map((person) => [person.directoryId, person]));
  const byKey = new Map(known.map((person) => [person.key, person]));
  const managerOf = ({ managerDn }: DirectoryPerson) =>
    managerDn === null ? null : (roll.idByDn.get(managerDn) ?? null);
  const here = await findHere(
    tx,
    people.flatMap((person) => managerOf(person) ?? []),
  );
  const namesakes = await findNamesakes(tx, people, keptLike.ldap, known);
  const result: Judgement = { judged: [], refused: [], deferred: [] };
  for (const line of people) {
    const self = byId.get(line.directoryId);
    const holder = freed.has(line.key) ? undefined : byKey.get(line.key);
    const other = holder !== undefined && holder !== self ? holder : undefined;
    const isAdopted = self === undefined && other !== undefined && isUnnumbered(other);
    const isLeft = other !== undefined && other.source === "ldap" && !roll.ids.has(other.directoryId);
    const refuse = (why: Why) => result.refused.push({ line, why });
    if (self !== undefined && self.source !== "ldap")
      refuse({ reason: "id_kept", keeper: keeperOf[self.source] });
    else if (other !== undefined && other.source !== "ldap")
      refuse({ reason: "login_kept", keeper: keeperOf[other.source] });
    else if (other !== undefined && !isAdopted && !isLast) result.deferred.push(line);
    else {
      const person = isAdopted ? { ...other, directoryId: line.directoryId } : self;
      const managerId = managerOf(line);
      const comparison = compare(line, person, managerId !== null && here.has(managerId) ? managerId : null);
      const why = namesakes.tell(comparison, person);
      if (why !== undefined) {
        refuse(why);
        continue;
      }
      result.judged.push({
        ...comparison,
        is: isAdopted ? "changed" : comparison.is,
        line,
        known: person,
        isAdopted,
        leaver: isLeft && !isAdopted ? other : undefined,
        holder: isLeft || isAdopted ? undefined : other,
        managerId,
        isManagerAwaited: managerId !== null && !here.has(managerId),
      });
    }
  }
  return turnAwayWaiting(result);
}
