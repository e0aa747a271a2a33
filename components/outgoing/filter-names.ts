/** The filters of the list of messages, as they are named in the address. */
export const messageFilters = ["state", "type", "endpoint"] as const;
