import { Fault } from "./outcome";

/** What the log says of an error. */
export interface LoggedError {
  type: string;
  /** Only where the error is a `Fault` of ours: the words of others quote what they were given. */
  message?: string;
  code?: string;
  severity?: string;
  schema?: string;
  table?: string;
  column?: string;
  constraint?: string;
  routine?: string;
  /** Where it was thrown: the frames, without the message that stands above them. */
  stack?: string;
  cause?: LoggedError;
  errors?: LoggedError[];
}

/** Words that PostgreSQL and Node choose themselves: names of things and codes, never a value. */
const labels = ["code", "severity", "schema", "table", "column", "constraint", "routine"] as const;
const labelPattern = /^[\w.-]{1,128}$/;

const framePattern = /^\s+at .*(?::\d+:\d+\)?|\(<anonymous>\)|\(native\)|\(index \d+\))$/;

const causesMax = 5;

/** The frames of a stack, one a line; of its message nothing. */
function toFrames(error: Error): string {
  const stack = error.stack ?? "";
  const at = error.message === "" ? -1 : stack.indexOf(error.message);
  const below = at < 0 ? stack : stack.slice(at + error.message.length);
  return below
    .split("\n")
    .filter((line) => framePattern.test(line))
    .join("\n");
}

/**
 * What may be logged of an error, chosen by name: what is not on the list is left out, whoever made the error. A message of
 * PostgreSQL's class 22 quotes values, its `detail` quotes keys (`Key (login)=(…)`), a parser's message quotes the text.
 */
export function toLoggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error };
  const logged: LoggedError = { type: labelPattern.test(error.name) ? error.name : "Error" };
  if (error instanceof Fault) logged.message = error.message;
  const given = error as Error & Partial<Record<(typeof labels)[number], unknown>>;
  for (const label of labels) {
    const value = given[label];
    if (typeof value === "string" && labelPattern.test(value)) logged[label] = value;
  }
  const frames = toFrames(error);
  if (frames !== "") logged.stack = frames;
  if (depth === causesMax) return logged;
  if (error.cause !== undefined) logged.cause = toLoggedError(error.cause, depth + 1);
  if (error instanceof AggregateError)
    logged.errors = error.errors.slice(0, 10).map((each: unknown) => toLoggedError(each, depth + 1));
  return logged;
}
