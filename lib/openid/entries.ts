import "server-only";
import { digest } from "@/lib/platform/keys";
import { inStatement } from "@/lib/platform/transaction";
import { deleteEntry, findEntry, putEntry, updateConsumed } from "./entry-store";

/** What the provider keeps, as far as we look into it. */
interface Payload {
  [member: string]: unknown;
}

/** Stands for the id where a payload repeats it: JSON escapes this character, so that no text of anybody's holds it. */
const idMark = "\u0001";

/**
 * Keeps what the provider must remember of `model` under `id`, which opens something, and of which only the digest is stored.
 * @param signInId what it ends with; null: it is of nobody's sign-in yet.
 */
export async function keepEntry(
  model: string,
  id: string,
  payload: Payload,
  seconds: number,
  signInId: string | null,
): Promise<void> {
  await inStatement((tx) =>
    putEntry(tx, {
      model,
      digest: digest(id),
      signInId,
      payload: JSON.stringify(payload).replaceAll(id, idMark),
      seconds,
    }),
  );
}

/** Reads what was kept; undefined where nothing was, its time is over, or its sign-in ended. */
export async function readEntry(model: string, id: string): Promise<Payload | undefined> {
  return read(model, digest(id), id);
}

/** Reads what was kept under an id of which only the digest is known; where it repeats the id there is nothing. */
export async function peekEntry(model: string, idDigest: Uint8Array): Promise<Payload | undefined> {
  return read(model, idDigest, "");
}

async function read(model: string, idDigest: Uint8Array, id: string): Promise<Payload | undefined> {
  const found = await inStatement((tx) => findEntry(tx, model, idDigest));
  if (found === undefined) return undefined;
  const payload = JSON.parse(found.payload.replaceAll(idMark, id)) as Payload;
  return found.consumedAtSeconds === null ? payload : { ...payload, consumed: found.consumedAtSeconds };
}

/** Marks as used what is good once. @returns whether this call did: of any number at once, one. */
export async function consumeEntry(model: string, id: string): Promise<boolean> {
  return inStatement((tx) => updateConsumed(tx, model, digest(id)));
}

/** Forgets what was kept. */
export async function dropEntry(model: string, id: string): Promise<void> {
  await inStatement((tx) => deleteEntry(tx, model, digest(id)));
}
