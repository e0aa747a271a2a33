/** Stands before the number of a page's fault where only the database could not be reached. */
export const awayPrefix = "away-";
