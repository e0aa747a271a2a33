import "server-only";
import { hash, verify } from "@node-rs/argon2";
import { Fault } from "@/lib/platform/outcome";
import { inPasswordQueue } from "./password-queue";

/** Argon2id (the library's default), t=2, m=19 MiB, p=1. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

let decoy: Promise<string> | undefined;

/** Hashes a password for storage, as a PHC string. The same letters typed in another Unicode form hash the same. */
export async function hashPassword(password: string): Promise<string> {
  const hashed = await inPasswordQueue(() => hash(password.normalize("NFKC"), COST));
  if (!hashed.ok) throw new Fault("a queue without an end was full");
  return hashed.value;
}

/**
 * Verifies `password`. Without a hash it does the same work and answers no: an account that does not exist, or has no
 * password, takes the time of a wrong one (ASVS 6.3.8). Strangers' passwords are verified in the queue (`inPasswordQueue`).
 */
export async function verifyPassword(passwordHash: string | undefined, password: string): Promise<boolean> {
  decoy ??= hash("no password hashes to this", COST);
  const matches = await verify(passwordHash ?? (await decoy), password.normalize("NFKC"));
  return passwordHash !== undefined && matches;
}
