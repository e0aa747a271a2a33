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

/** Deals out where kills happen: of every four one at no step (undefined), the others at steps, which `dealRounds` deals. */
export function dealKills<S>(steps: readonly S[], chance: Chance): () => S | undefined {
  const dealWhether = dealRounds([true, true, true, false], chance);
  const dealStep = dealRounds(steps, chance);
  return () => (dealWhether() ? dealStep() : undefined);
}
