/** Kinds of actors that the log knows. */
export const actorKinds = ["staff", "client", "user", "system", "operator"] as const;
