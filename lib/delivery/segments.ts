/** The basic and extended alphabets of 3GPP TS 23.038; a character of the latter takes the room of two. */
const gsmBasic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const gsmExtended = new Set("\f^{}\\[~]|€");

/**
 * Counts the segments that a text takes on the wire, which is what is paid for.
 *
 * A text that the GSM 7-bit alphabet holds takes 160 characters in one segment or 153 in each of several; any other is
 * sent as UCS-2 with 70 and 67 UTF-16 units.
 */
export function countSegments(text: string): { encoding: "gsm7" | "ucs2"; segments: number } {
  const characters = [...text];
  if (characters.every((c) => gsmBasic.has(c) || gsmExtended.has(c))) {
    const septets = characters.reduce((sum, c) => sum + (gsmExtended.has(c) ? 2 : 1), 0);
    return { encoding: "gsm7", segments: septets <= 160 ? 1 : Math.ceil(septets / 153) };
  }
  return { encoding: "ucs2", segments: text.length <= 70 ? 1 : Math.ceil(text.length / 67) };
}
