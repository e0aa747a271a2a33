const turningMarks = /[\u202A-\u202E\u2066-\u2069]/gu;

/**
 * `text` without the marks that turn the direction of a line around from where they stand: with them a text shows otherwise than
 * it is. Letters that run from right to left do so without them.
 * @see Unicode, UAX 9: embeddings, overrides and isolates
 */
export function withoutTurningMarks(text: string): string {
  return text.replace(turningMarks, "");
}

/** Whether there are such marks in `text`. */
export function hasTurningMarks(text: string): boolean {
  return withoutTurningMarks(text) !== text;
}
