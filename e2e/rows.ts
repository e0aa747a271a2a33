import pg from "pg";

/** Every text and JSON value of `tables` in a database, as text, one an entry. */
export async function readColumns(databaseUrl: string, tables: readonly string[]): Promise<string[]> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    const { rows: columns } = await client.query<{ table_name: string; column_name: string }>(
      `select table_name, column_name from information_schema.columns
       where table_schema = 'public' and table_name = any($1) and data_type in ('text', 'jsonb', 'json')`,
      [tables],
    );
    const values: string[] = [];
    for (const { table_name: table, column_name: column } of columns) {
      const { rows } = await client.query<{ value: string }>(
        `select "${column}"::text as value from "${table}" where "${column}" is not null`,
      );
      values.push(...rows.map(({ value }) => value));
    }
    return values;
  } finally {
    await client.end();
  }
}
