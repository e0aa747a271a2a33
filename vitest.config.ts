import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

export default defineConfig({
  resolve: { alias: { "server-only": `${root}/tools/empty.ts`, "@": root } },
  test: {
    // It imports "next/server" without the extension that Node asks for.
    server: { deps: { inline: ["next-auth"] } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          isolate: false,
          setupFiles: ["tools/testing/anew.ts"],
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          testTimeout: 30_000,
          include: ["{lib,agent,tools,api,components}/**/*.test.ts"],
          exclude: ["**/*.db.test.ts", "**/*.program.test.ts", "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "programs",
          sequence: { groupOrder: 2 },
          include: ["agent/**/*.program.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "db",
          isolate: false,
          setupFiles: ["tools/testing/anew.ts"],
          sequence: { groupOrder: 2 },
          include: ["{lib,db,api,tools}/**/*.db.test.ts"],
          globalSetup: ["tools/testing/database.setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
