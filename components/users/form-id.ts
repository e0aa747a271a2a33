/** An id for one filled-in form, so that a double click or a retry never acts twice. Works without HTTPS too. */
export function makeFormId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
