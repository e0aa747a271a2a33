import { vi } from "vitest";

/**
 * Each test file finds our modules, and what they keep for the whole process, as in a process of its own; the libraries of others
 * are read once for many files, which is most of what reading costs.
 */
vi.resetModules();
for (const name of Object.keys(globalThis))
  if (name.startsWith("__sparekey")) Reflect.deleteProperty(globalThis, name);
