import type { Chance } from "./random";

/** Deals out `list` in rounds, each in an order of its own: nothing comes again before everything has. */
export function dealRounds<T>(list: readonly T[], chance: Chance): () => T {
  let rest: T[] = [];
  return () => {
    if (rest.length === 0) rest = [...list];
    const [dealt] = rest.splice(chance.between(0, rest.length - 1), 1);
    return dealt as T;
  };
}
