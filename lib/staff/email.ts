/** The form of an e-mail address by which staff are told apart: NFKC, lower-cased. */
export function toEmailKey(email: string): string {
  return email.trim().normalize("NFKC").toLowerCase();
}
