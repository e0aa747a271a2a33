/** The filters of the log, as they are named in the address. */
export const auditFilters = [
  "kind",
  "outcome",
  "actorKind",
  "actor",
  "user",
  "grant",
  "since",
  "until",
] as const;
