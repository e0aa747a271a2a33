/** The names of the filters that were set, for an event that says what was read: not what they were set to. */
export function toFilterNames(filters: Readonly<Record<string, unknown>>): string {
  return Object.entries(filters)
    .flatMap(([name, value]) => (value === undefined ? [] : [name]))
    .join(", ");
}
