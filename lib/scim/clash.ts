/** Says who stands in the way, without a word of them. */
export function sayClash(by: "userName" | "externalId" | "email"): string {
  switch (by) {
    case "userName":
      return "userName is somebody's login or address already; if they came from elsewhere, only an operator hands them over";
    case "externalId":
      return "externalId belongs to somebody already";
    case "email":
      return "The address is one, or the login, of somebody of another source; only an operator hands them over";
  }
}
