import { listPending, readMachine, readSync, removeAll } from "./state";
import { sync } from "./sync";

/**
 * Ends this machine's enrolment on its side: hands in what it still holds, then removes its key, package and receipts. Its name
 * stays taken at the server until a security admin releases it in the console.
 *
 * @param isForced Leaves even where receipts can't be handed in, which are lost then.
 * @returns How many receipts keep it from leaving; 0: it has left.
 * @throws StateError where it isn't enrolled.
 * @see offline, "Enrolment", "The agent"
 */
export async function leave(folder: string, isForced: boolean): Promise<number> {
  readMachine(folder);
  if (!isForced) {
    if (listPending(folder, readSync(folder).acknowledged).length > 0) await sync(folder);
    const pending = listPending(folder, readSync(folder).acknowledged).length;
    if (pending > 0) return pending;
  }
  removeAll(folder);
  return 0;
}
