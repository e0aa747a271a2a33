import { signInAgain } from "@/components/session-over";
import { wouldLose } from "@/components/shell/leaving";
import type { DoorReason } from "@/lib/staff/outcome";

/** A read of the console that was not answered; `requestId` finds it in the log. */
export class ReadRefused extends Error {
  override readonly name = "ReadRefused";
  constructor(
    readonly reason: DoorReason | "offline",
    readonly requestId: string | null,
  ) {
    super(reason);
  }
}

/**
 * Reads JSON from one of the console's own routes.
 * @throws {ReadRefused} with the door's reason, or `offline` where the server can't be reached. A session that has ended
 *   leads to the sign-in, and back here afterwards, once leaving the page loses nothing.
 */
export async function readJson<T>(
  path: string,
  params: Record<string, string | null | undefined> = {},
  signal?: AbortSignal,
): Promise<T> {
  const query = new URLSearchParams(
    Object.entries(params).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
  const response = await fetch(query.size > 0 ? `${path}?${query}` : path, {
    signal: signal ?? null,
    headers: { accept: "application/json" },
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new ReadRefused("offline", null);
  });
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body as T;
  const { reason = "fault", requestId = response.headers.get("x-request-id") } = (body ?? {}) as {
    reason?: DoorReason;
    requestId?: string | null;
  };
  if ((reason === "signed_out" || reason === "second_factor") && !wouldLose()) signInAgain();
  throw new ReadRefused(reason, requestId);
}
