/** Says who stands in the way, without a word of them. */
export function sayClash(by: "userName" | "externalId" | "email"): string {
  switch (by) {
    case "userName":
      return "userName belongs to somebody already; if they came from a file, only an operator hands them over";
    case "externalId":
      return "externalId belongs to somebody already";
    case "email":
      return "The address belongs to somebody of another source; only an operator hands them over";
  }
}
