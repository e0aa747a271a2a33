import { expect, test } from "vitest";
import { mayBreakAt, splitUnspaced } from "./unspaced";

test.each([
  ["ada", ["ada"]],
  ["ada.lovelace", ["ada.", "lovelace"]],
  ["ada.lovelace@corp.example.com", ["ada.", "lovelace", "@corp.", "example.", "com"]],
  ["svc_backup__01", ["svc_", "backup__", "01"]],
  ["@", ["@"]],
  ["", [""]],
])("%s may break only where its parts meet", (text, parts) => {
  expect(splitUnspaced(text)).toEqual(parts);
  const starts = parts.map((_, at) => parts.slice(0, at).join("").length).slice(1);
  expect([...text].flatMap((_, at) => (mayBreakAt(text, at) ? [at] : []))).toEqual(starts);
});
