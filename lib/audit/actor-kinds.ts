/** Kinds of actors that the log knows. */
export const actorKinds = ["staff", "client", "machine", "user", "system", "operator"] as const;
