import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const css = readFileSync("app/globals.css", "utf8");
const tokens = new Map(
  [...css.matchAll(/--color-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map((m) => [
    m[1] as string,
    [m[2] as string, m[3] as string] as const,
  ]),
);

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [hi, lo] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (hi + 0.05) / (lo + 0.05);
}

const grounds = ["page", "surface", "sunken", "accent-soft"];
const texts = [
  ...["ink", "ink-soft", "accent", "danger"].flatMap((ink) => grounds.map((ground) => [ink, ground])),
  ...["danger", "warn", "ok"].flatMap((ink) =>
    [`${ink}-soft`, "surface", "page"].map((ground) => [ink, ground]),
  ),
  ...["danger-soft", "warn-soft", "ok-soft"].map((ground) => ["ink", ground]),
  ["on-accent", "accent"],
  ["on-accent", "accent-strong"],
  ["on-danger", "danger-solid"],
] as [string, string][];

test.each(texts)("%s on %s can be read in light and dark (WCAG 1.4.3: 4.5 to 1)", (ink, ground) => {
  for (const theme of [0, 1] as const)
    expect(
      contrast(tokens.get(ink)?.[theme] ?? "", tokens.get(ground)?.[theme] ?? ""),
    ).toBeGreaterThanOrEqual(4.5);
});

test.each([
  ["line-field", "surface"],
  ["line-field", "page"],
  ["accent", "surface"],
  ["accent", "page"],
  ["chart-code", "surface"],
  ["chart-text", "surface"],
  ["chart-call", "surface"],
] as const)("%s shows against %s (WCAG 1.4.11: 3 to 1)", (line, ground) => {
  for (const theme of [0, 1] as const)
    expect(
      contrast(tokens.get(line)?.[theme] ?? "", tokens.get(ground)?.[theme] ?? ""),
    ).toBeGreaterThanOrEqual(3);
});
