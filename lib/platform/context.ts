/** What staff can be (product, "Who"). `lead` is helpdesk that may approve. */
export type Role = "helpdesk" | "lead" | "security" | "auditor" | "owner";

/** Who acts. Made by a door from what it proved, never from input. */
export type Actor =
  | {
      kind: "staff";
      staffId: string;
      sessionId: string;
      name: string;
      email: string;
      role: Role;
      /** The id in the directory of the same person; nobody acts for oneself. */
      userDirectoryId: string | null;
      /** Whether a second factor was shown so lately that a sensitive act may follow. */
      isSteppedUp: boolean;
    }
  | {
      kind: "client";
      clientId: string;
      name: string;
      role: "helpdesk" | "integration" | null;
      scopes: readonly string[];
      /** For whom it speaks where it serves many at once: wrong tries are counted for each of them apart. */
      relays?: string;
    }
  /** A machine that signed its request (offline, "Enrolment"). */
  | { kind: "machine"; machineId: string; name: string }
  | { kind: "user" }
  | { kind: "system"; name: string }
  | { kind: "operator"; name: string };

/** What every verb is called with. */
export interface Context {
  actor: Actor;
  requestId: string;
  /** The network address the request came from, as the proxy in front (if trusted) tells it. */
  sourceIp: string | null;
  userAgent: string | null;
}

/** Names `actor` for a row that keeps who did something: the kind, a colon and the id or the name; `user` alone, who has neither. */
export function nameActor(actor: Actor): string {
  switch (actor.kind) {
    case "staff":
      return `staff:${actor.staffId}`;
    case "client":
      return `client:${actor.clientId}`;
    case "machine":
      return `machine:${actor.machineId}`;
    case "system":
    case "operator":
      return `${actor.kind}:${actor.name}`;
    case "user":
      return "user";
  }
}

/** The id of the member of staff who `actor` is, for a row that points to theirs; null: not staff. */
export function toStaffId(actor: Actor): string | null {
  return actor.kind === "staff" ? actor.staffId : null;
}

/** The context of work that nobody asked for: a job, a sweep. `name` says which. */
export function systemContext(name: string, requestId: string): Context {
  return { actor: { kind: "system", name }, requestId, sourceIp: null, userAgent: null };
}
