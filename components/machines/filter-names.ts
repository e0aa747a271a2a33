/** The filters of the list of machines, as they are named in the address. */
export const machineFilters = ["query", "show", "look", "userId"] as const;
