import { z } from "zod";

// What callers send, read as widely as RSA's doors do (rest, introduction): numbers and truth values as strings too.

const spelled = (schema: z.ZodString) =>
  z.preprocess(
    (value) => (typeof value === "number" || typeof value === "boolean" ? String(value) : value),
    schema,
  );
const noNul = String.raw`^[^\u0000]*$`;

/** A text of `most` characters without NUL, which PostgreSQL stores nowhere; a number or a truth value stands for its own. */
export const text = (most: number, pattern = noNul) =>
  spelled(z.string().max(most).regex(new RegExp(pattern)));

/** The same with NUL: what is looked for or judged, and stored nowhere as it is. */
export const anyText = (most: number) => spelled(z.string().max(most));

/** The same without blanks around it, of `least` characters. */
export const trimmed = (most: number, least = 0) => spelled(z.string().trim().min(least).max(most));

/** A whole number; in digits too. */
export const whole = (least: number, most: number) =>
  z.preprocess(
    (value) =>
      typeof value === "string" && /^\s*[+-]?\d{1,20}([.]0+)?\s*$/.test(value) ? Number(value) : value,
    z.int().min(least).max(most),
  );

/** A truth value; as a word too. */
export const flag = z.preprocess((value) => {
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  return word === "true" ? true : word === "false" ? false : value;
}, z.boolean());

/** What may be left out, or be null, or blank. */
export const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value) => (value === null || value === "" ? undefined : value), schema.optional());
