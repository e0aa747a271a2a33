import { ask, ServerError } from "./request";
import { listPending, readMachine, readSync, removeAll } from "./state";
import { sync, tellWithdrawn } from "./sync";

/** What became of leaving. */
export type LeaveResult =
  /** Gone, and the server knows: the name is free. */
  | { readonly left: true; readonly isReleased: boolean }
  /** So many receipts can't be handed in now. */
  | { readonly left: false; readonly pending: number };

/**
 * Ends this machine's enrolment: hands in what it still holds, removes its key, package and receipts, and tells the server. Where the
 * server can't be told, the name stays taken until a security admin releases it in the console.
 *
 * @param isForced Leaves even where receipts can't be handed in, which are lost then.
 * @throws StateError where it isn't enrolled.
 * @see offline, "Enrolment", "The agent"
 */
export async function leave(folder: string, isForced: boolean): Promise<LeaveResult> {
  const machine = readMachine(folder);
  if (!isForced) {
    if (listPending(folder, readSync(folder).acknowledged).length > 0) await sync(folder);
    const pending = listPending(folder, readSync(folder).acknowledged).length;
    if (pending > 0) return { left: false, pending };
  }
  removeAll(folder);
  try {
    await ask(machine.server, "/agent/v1/leave", { method: "POST", machine });
    return { left: true, isReleased: true };
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    if (error.reason !== "ended") return { left: true, isReleased: false };
    await tellWithdrawn(machine);
    return { left: true, isReleased: true };
  }
}
