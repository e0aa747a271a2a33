import { createTranslator } from "use-intl/core";
import type { DeliveryLanguage } from "./language";
import ar from "./messages/ar.json";
import de from "./messages/de.json";
import en from "./messages/en.json";
import es from "./messages/es.json";
import fr from "./messages/fr.json";
import ja from "./messages/ja.json";
import type { SpokenMessage } from "./provider";

type Catalogue = typeof en;
const catalogues: Record<DeliveryLanguage, Catalogue> = { en, de, es, fr, ja, ar };

/** What a user is told of without having asked. */
export const noticeKinds = [
  "access_issued",
  "access_used",
  "access_revoked",
  "failures_burst",
  "phone_changed",
  "access_stolen_reported",
] as const;

/** One of `noticeKinds`. */
export type NoticeKind = (typeof noticeKinds)[number];

/** A code on its way to someone. */
export type OtpMessage = {
  language: DeliveryLanguage;
  /** Who it is from, as the user knows them. */
  company: string;
  /** Decimal digits. */
  code: string;
  /** How long it is valid, in whole minutes. */
  minutes: number;
};

/** A notice on its way to someone. */
export type NoticeMessage = {
  language: DeliveryLanguage;
  company: string;
  kind: NoticeKind;
  /** The number of the helpdesk, as it is to be read; without it the notice names the helpdesk alone. */
  helpdeskPhone?: string | undefined;
};

const betweenDigits = { pauseMilliseconds: 700 };
const breath = { pauseMilliseconds: 1_200 };

function translate(language: DeliveryLanguage) {
  return createTranslator({
    locale: language,
    messages: catalogues[language],
    timeZone: "UTC",
    onError: (error) => {
      throw error;
    },
  });
}

/**
 * Writes the text that carries a code.
 *
 * Its last line binds the code to `host` for the browser's auto-fill (WICG "Origin-bound one-time codes": `@host #code`).
 *
 * @param host of the page that the code is typed into, without scheme and port
 */
export function otpText({ language, company, code, minutes, host }: OtpMessage & { host: string }): string {
  return `${translate(language)("otp.text", { code, company, minutes })}\n\n@${host} #${code}`;
}

/** Writes the call that carries a code: digit by digit with pauses, all of it said twice. */
export function otpCall({ language, company, code }: OtpMessage): SpokenMessage {
  const t = translate(language);
  return {
    language,
    times: 2,
    parts: [
      { say: t("otp.greeting", { company }) },
      breath,
      { say: t("otp.code") },
      ...[...code].flatMap((digit) => [betweenDigits, { say: digit }]),
      breath,
      { say: t("otp.warning") },
      breath,
    ],
  };
}

/** Writes the text that tells a user what happened and how to object. It holds no secret and no link. */
export function noticeText({ language, company, kind, helpdeskPhone }: NoticeMessage): string {
  const t = translate(language);
  const objection = helpdeskPhone ? t("objection.call", { phone: helpdeskPhone }) : t("objection.plain");
  return `${t(`notice.${kind}`, { company })} ${objection}`;
}
