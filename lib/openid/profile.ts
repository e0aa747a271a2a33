import "server-only";
import { inStatement } from "@/lib/platform/transaction";
import { findProfile, type Profile } from "./sign-in-store";

/** Finds who is behind a sign-in, as the application may know them; undefined where it has ended. */
export async function findSignInProfile(signInId: string): Promise<Profile | undefined> {
  return inStatement((tx) => findProfile(tx, signInId));
}
