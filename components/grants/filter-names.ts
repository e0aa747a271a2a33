/** The filters of the list of grants, as they are named in the address. */
export const grantFilters = ["state", "method", "reason", "userId", "issuerId", "from", "to"] as const;
