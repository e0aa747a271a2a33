import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const pages = readdirSync("docs", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`);

test.each(["README.md", ...pages])("what %s says stands somewhere stands there", (page) => {
  const named = [
    ...readFileSync(page, "utf8").matchAll(
      /`((?:agent|api|app|components|db|docs|e2e|lib|tools)\/[^`\s:*{]*)`/g,
    ),
  ].map(([, path]) => path as string);
  const isBuilt = (path: string) => path.startsWith("agent/dist/");
  expect(named.filter((path) => !isBuilt(path) && !existsSync(path))).toEqual([]);
});

test.each(pages.filter((page) => page.startsWith("docs/decisions/")))(
  "%s says the context, the decision, the consequences and what confirms it",
  (page) => {
    const number = Number.parseInt(page.slice("docs/decisions/".length), 10);
    expect(readFileSync(page, "utf8").match(/^#.*$/gm)).toEqual([
      expect.stringMatching(new RegExp(`^# ${number}\\. `)),
      "## Context",
      "## Decision",
      "## Consequences",
      "## Confirmation",
    ]);
  },
);
