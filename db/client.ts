import "server-only";
import postgres from "postgres";

/** The role that the application works as: it can add to the audit tables and read them, and change nothing there. */
export const APPLICATION_ROLE = "sparekey_app";

/**
 * Opens connections to the PostgreSQL at `url`, for the acts of its owner: migrations, backups, tools. The application's own
 * stand in `pool.ts`: this driver (3.4.9) does not outlive the loss of a connection. A socket's folder may stand in the address as `?host=/folder`, as libpq has it.
 * Connects lazily, and again after a loss.
 */
export function connect(url: string, options: postgres.Options<Record<string, never>> = {}): postgres.Sql {
  const address = new URL(url);
  const host = address.searchParams.get("host");
  address.searchParams.delete("host");
  return postgres(address.href, {
    connect_timeout: 5,
    onnotice: () => undefined,
    ...(host === null ? {} : { host }),
    ...options,
  });
}
