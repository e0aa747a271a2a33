/** The languages in which texts are written and calls are spoken; each has a catalogue in `messages/`. */
export const deliveryLanguages = ["en", "de", "es", "fr", "ja", "ar"] as const;

/** A language in which texts are written and calls are spoken. */
export type DeliveryLanguage = (typeof deliveryLanguages)[number];

/**
 * Answers the language to address someone in, by a BCP 47 tag such as `de-AT`.
 *
 * Never refuses: what is missing, malformed or not spoken here is answered with English.
 */
export function toDeliveryLanguage(tag: string | null | undefined): DeliveryLanguage {
  const primary = tag?.trim().split(/[-_]/)[0]?.toLowerCase();
  return deliveryLanguages.find((language) => language === primary) ?? "en";
}
