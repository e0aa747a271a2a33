import "server-only";

const slot = globalThis as { __sparekey?: Map<string, object> };

/**
 * Answers the one state of this name in the process, made where there is none yet. The doors for programs and the console are
 * bundled apart, each with a copy of every module: what a module keeps in a variable of its own, it keeps twice.
 * @param name what is kept, unlike any other.
 */
export function processWide<State extends object>(name: string, make: () => State): State {
  slot.__sparekey ??= new Map();
  const known = slot.__sparekey.get(name) as State | undefined;
  if (known !== undefined) return known;
  const made = make();
  slot.__sparekey.set(name, made);
  return made;
}
