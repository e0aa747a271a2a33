/**
 * Parts people whose logins are theirs alone from those who have the login of one before them. Whoever has the id of one before
 * them is that one, read once more, and is in neither.
 */
export function partDoubles<Person extends { directoryId: string; key: string }>(
  people: readonly Person[],
): { lines: Person[]; doubles: Person[] } {
  const ids = new Set<string>();
  const keys = new Set<string>();
  const lines: Person[] = [];
  const doubles: Person[] = [];
  for (const person of people) {
    if (!ids.has(person.directoryId)) (keys.has(person.key) ? doubles : lines).push(person);
    ids.add(person.directoryId);
    keys.add(person.key);
  }
  return { lines, doubles };
}
