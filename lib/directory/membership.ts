import { foldKey } from "./fold";

/** Says of a group whether it is among `groups`, by its name as names are compared: no case, no form of writing an accent. */
export function toMembership(groups: readonly string[]): (group: string) => boolean {
  const keys = new Set(groups.map(foldKey));
  return (group) => keys.has(foldKey(group));
}
