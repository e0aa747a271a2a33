/** A no that is expected: returned, never thrown, so that the counters and the audit row it wrote stay. */
export type Refusal<Reason extends string, Details extends object = object> = {
  ok: false;
  reason: Reason;
} & Details;

/** A yes with what it brings. */
export type Success<Value extends object = object> = { ok: true } & Value;

/** Answers a refusal with its reason, and what the staff needs to know besides. */
export function refuse<Reason extends string>(reason: Reason): Refusal<Reason>;
export function refuse<Reason extends string, Details extends object>(
  reason: Reason,
  details: Details,
): Refusal<Reason, Details>;
export function refuse(reason: string, details: object = {}): Refusal<string> {
  return { ok: false, reason, ...details };
}

/** A no for lack of rights. Thrown by `requirePermission` alone, after it was audited. */
export class Denied extends Error {
  override readonly name = "Denied";
  constructor(
    readonly permission: string,
    readonly because: string,
  ) {
    super(`denied: ${permission} (${because})`);
  }
}

/**
 * Something is broken. Doors answer one sentence with the request id, and log the cause. Its message is logged as it stands:
 * words of ours, never a value that somebody gave.
 */
export class Fault extends Error {
  override readonly name = "Fault";
}

/** Compiles only where every member of a union was handled. */
export function assertNever(value: never): never {
  throw new Fault(`unhandled: a ${typeof value} that no branch is for`);
}
