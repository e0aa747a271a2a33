/** What is wrong with a message (RFC 7644, 3.12 table 9). */
export type ScimType =
  | "invalidFilter"
  | "invalidPath"
  | "invalidSyntax"
  | "invalidValue"
  | "mutability"
  | "noTarget"
  | "tooMany"
  | "uniqueness";

/** A message that can't be taken as it is. Its words are ours, never what somebody sent. */
export class Unfit extends Error {
  override readonly name = "Unfit";
  constructor(
    readonly scimType: ScimType,
    readonly detail: string,
  ) {
    super(`${scimType}: ${detail}`);
  }
}

/** Characters that no text of a directory has: NUL and other control characters, halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cs}]/u;

/** Whether `text` holds what can't be stored. */
export function isUnprintable(text: string): boolean {
  return unprintable.test(text);
}
