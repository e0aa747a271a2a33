/** The shortest password, in characters (63B-4, 3.1.1.2: 8 beside a second factor; ASVS 6.2.1 asks for more). */
const PASSWORD_LENGTH_MIN = 12;

/** The longest, in characters (ASVS 6.2.9). */
export const PASSWORD_LENGTH_MAX = 256;

const CONTEXT_WORD_LENGTH_MIN = 4;

/**
 * Whether `password` is one of the first that somebody who knows the account would try: too short, of very few
 * different characters, or little else than the person's, the company's or the product's name (ASVS 6.2.11).
 * @param known words of the account: e-mail, name, company.
 */
export function isWeakPassword(password: string, known: readonly string[]): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  const length = [...text].length;
  if (length < PASSWORD_LENGTH_MIN || length > PASSWORD_LENGTH_MAX || new Set(text).size < 5) return true;
  const words = [...known, "sparekey", "password", "passwort", "123456", "qwert", "emergency"].flatMap(
    (word) =>
      word
        .normalize("NFKC")
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u),
  );
  let rest = text;
  for (const word of words.sort((a, b) => b.length - a.length))
    if (word.length >= CONTEXT_WORD_LENGTH_MIN) rest = rest.replaceAll(word, "");
  return [...rest].length < 6;
}
