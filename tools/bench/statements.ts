import pg from "pg";

/** A statement as the driver was given it. */
export interface Statement {
  text: string;
  values: readonly unknown[];
}

/** The statements that the application's own code sends while `work` runs. */
export async function captureStatements(work: () => Promise<void>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const { prototype } = pg.Client;
  const original = prototype.query;
  prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [config, values] = args as [{ text: string }, unknown[] | undefined];
    statements.push({ text: config.text, values: values ?? [] });
    return Reflect.apply(original, this, args);
  } as typeof original;
  try {
    await work();
  } finally {
    prototype.query = original;
  }
  return statements;
}

/** What is put in place of a value that was captured: an expression of SQL; undefined: the value stays. */
export type Replace = (value: unknown) => string | undefined;

/**
 * The statements as a script of pgbench, and the variables to start it with: every value is a parameter, as it is for the
 * application. `prologue` sets what the replacements use.
 */
export function toPgbench(
  statements: readonly Statement[],
  replace: Replace,
  prologue: string,
): { script: string; variables: string[] } {
  const variables: string[] = [];
  const lines = statements.map(({ text, values }) => {
    const filled = text.replaceAll(/\$(\d+)/g, (_, position: string) => {
      const value = values[Number(position) - 1];
      const replaced = replace(value);
      if (replaced !== undefined) return replaced;
      if (value === null || value === undefined) return "null";
      variables.push(
        `v${variables.length}=${value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : String(value)}`,
      );
      return `:v${variables.length - 1}`;
    });
    return `${filled.replaceAll(/\s+/g, " ")};`;
  });
  return { script: `${prologue}\n${lines.join("\n")}\n`, variables };
}
