import { afterEach, expect, vi } from "vitest";

const slot = globalThis as { environmentBeforeTests?: NodeJS.ProcessEnv; __sparekey?: unknown };

/**
 * Each test file finds our modules, what they keep for the whole process, and the environment as in a process of its own; the
 * libraries of others are read once for many files, which is most of what reading costs.
 */
vi.resetModules();
delete slot.__sparekey;
slot.environmentBeforeTests ??= { ...process.env };
for (const name of Object.keys(process.env))
  if (!(name in slot.environmentBeforeTests) && !name.startsWith("VITEST")) delete process.env[name];
for (const [name, value] of Object.entries(slot.environmentBeforeTests))
  if (!name.startsWith("VITEST")) process.env[name] = value;

/** What is said on `console.error` fails the test. */
const said: unknown[][] = [];
console.error = (...words) => void said.push(words);
afterEach(() => expect(said.splice(0), "said on console.error").toEqual([]));
