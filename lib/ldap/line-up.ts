/** Somebody who waits for a login. */
interface Waiting {
  directoryId: string;
  /** The login, folded. */
  key: string;
}

/**
 * Parts people who wait for a login into batches, each of them after whoever has it now. Those who pass their logins round among
 * themselves stand in one batch.
 * @param holders the directory ids of those who have the logins now, by the logins.
 * @param size how many a batch has at most, 1 or more; a larger ring is a batch of its own.
 */
export function lineUp<Person extends Waiting>(
  people: readonly Person[],
  holders: ReadonlyMap<string, string>,
  size: number,
): Person[][] {
  const byId = new Map(people.map((person) => [person.directoryId, person]));
  const placed = new Set<Person>();
  const batches: Person[][] = [];
  const place = (together: readonly Person[]) => {
    const last = batches.at(-1);
    if (last !== undefined && last.length + together.length <= size) last.push(...together);
    else batches.push([...together]);
    for (const person of together) placed.add(person);
  };
  for (const person of people) {
    const path = new Set<Person>();
    let next: Person | undefined = person;
    while (next !== undefined && !placed.has(next) && !path.has(next)) {
      path.add(next);
      next = byId.get(holders.get(next.key) ?? "");
    }
    const line = [...path];
    if (next !== undefined && path.has(next)) place(line.splice(line.indexOf(next)).reverse());
    for (const each of line.reverse()) place([each]);
  }
  return batches;
}
