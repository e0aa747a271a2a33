import type { DeliveryLanguage } from "./language";
import type { SpokenMessage, SpokenPart } from "./provider";

/** The voice of each language; style 0 of every one of them speaks SSML (Vonage, "Text to Speech"). */
const voices: Record<DeliveryLanguage, string> = {
  en: "en-US",
  de: "de-DE",
  es: "es-ES",
  fr: "fr-FR",
  ja: "ja-JP",
  ar: "ar",
};

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

function toSsml(part: SpokenPart): string {
  if ("pauseMilliseconds" in part) return `<break time='${part.pauseMilliseconds}ms'/>`;
  return part.say.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
}

/** Writes what is to be spoken as Vonage's talk action (NCCO reference, "Talk"). */
export function toTalkAction(message: SpokenMessage) {
  return {
    action: "talk" as const,
    text: `<speak>${message.parts.map(toSsml).join("")}</speak>`,
    language: voices[message.language],
    style: 0,
    loop: message.times,
  };
}
