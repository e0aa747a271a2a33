import pg from "pg";

/** Stays connected to a product's database for as long as `work` takes. */
export async function connected<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return await work(client).finally(() => client.end());
}

/** Does by one statement what no page and no door offers, or reads what none shows; answers its rows. */
export async function runSql<T extends pg.QueryResultRow>(
  databaseUrl: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<T[]> {
  return (await connected(databaseUrl, (client) => client.query<T>(text, [...values]))).rows;
}
