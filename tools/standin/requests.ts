import { z } from "zod";
import { invalidParameters, type Problem } from "./problems";

/** E.164 as Vonage wants it: digits alone, neither `+` nor a leading zero. */
const number = z
  .string()
  .regex(/^[1-9][0-9]{6,14}$/, "must be a phone number in E.164 format without a leading + or 00");
const address = z.url({ protocol: /^https?$/ });

/** `POST /v1/messages`, channel `sms`, type `text`. */
const message = z.strictObject({
  channel: z.literal("sms"),
  message_type: z.literal("text"),
  to: number,
  from: z
    .string()
    .regex(
      /^([1-9][0-9]{2,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
      "must be a phone number without +, or up to 11 letters and digits",
    ),
  text: z.string().min(1).max(1000),
  client_ref: z.string().max(100).optional(),
  webhook_url: address.optional(),
  webhook_version: z.enum(["v0.1", "v1"]).optional(),
  ttl: z.int().min(20).max(604_800).optional(),
  trusted_recipient: z.boolean().optional(),
  sms: z
    .strictObject({
      encoding_type: z.enum(["text", "unicode", "auto"]).optional(),
      content_id: z.string().optional(),
      entity_id: z.string().optional(),
    })
    .optional(),
});

/** A text as the provider takes it. */
export type MessageRequest = z.infer<typeof message>;

/** What is spoken, without the marks around it; the limit counts only this. */
export function toPlainSpeech(text: string): string {
  if (!/^\s*<speak>/.test(text)) return text;
  const unescaped: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text
    .replace(/<[^>]*>/g, " ")
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => unescaped[name] ?? "")
    .replace(/\s+/g, " ")
    .replace(/ ([.,!?;:。、،؟])/g, "$1")
    .trim();
}

const ssmlTags = new Set([
  "speak",
  "break",
  "emphasis",
  "lang",
  "p",
  "phoneme",
  "prosody",
  "s",
  "say-as",
  "sub",
  "w",
]);

/** SSML of the subset that the provider speaks, each tag closed in order. */
function isSpeakable(text: string): boolean {
  if (!text.includes("<speak>")) return !/<[a-z/]/i.test(text);
  if (!/^\s*<speak>[\s\S]*<\/speak>\s*$/.test(text) || /&(?!(amp|lt|gt|quot|apos);)/.test(text)) return false;
  const open: string[] = [];
  for (const [tag, closing, name = "", , empty] of text.matchAll(
    /<(\/?)([a-z-]+)((?:\s+[a-z:-]+=(?:'[^'<]*'|"[^"<]*"))*)\s*(\/?)>|</g,
  )) {
    if (tag === "<" || !ssmlTags.has(name)) return false;
    if (closing) {
      if (open.pop() !== name) return false;
    } else if (!empty) open.push(name);
  }
  return open.length === 0;
}

/** The voices of the provider's text-to-speech guide, as the SDK lists them. */
const languages =
  "af-ZA ar bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-AT de-DE el-GR en-AU en-GB en-GB-SCT en-GB-WLS en-IE en-IN en-NZ en-US en-ZA es-CO es-ES es-MX es-US eu-ES fi-FI fil-PH fr-CA fr-FR gl-ES gu-IN he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lv-LV ml-IN ms-MY nb-NO nl-BE nl-NL no-NO pa-IN pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sr-RS sv-SE ta-IN te-IN th-TH tr-TR uk-UA vi-VN yue-CN".split(
    " ",
  );

const talk = z.strictObject({
  action: z.literal("talk", "is not an action played here; only talk is"),
  text: z
    .string()
    .min(1)
    .refine(isSpeakable, "must be plain text, or SSML within <speak>")
    .refine((text) => toPlainSpeech(text).length <= 1500, "must be at most 1500 characters without tags"),
  language: z.enum(languages).optional(),
  style: z.int().min(0).max(30).optional(),
  premium: z.boolean().optional(),
  loop: z.int().min(0).optional(),
  bargeIn: z.boolean().optional(),
  level: z.union([z.string().regex(/^-?(0(\.\d)?|1(\.0)?)$/), z.number().min(-1).max(1)]).optional(),
});

/** `POST /v1/calls` with an NCCO of talk actions. */
const call = z
  .strictObject({
    to: z
      .array(
        z.strictObject({
          type: z.literal("phone"),
          number,
          dtmfAnswer: z
            .string()
            .regex(/^[0-9*#p]+$/)
            .optional(),
        }),
      )
      .length(1),
    from: z.strictObject({ type: z.literal("phone"), number }).optional(),
    random_from_number: z.boolean().optional(),
    ncco: z.array(talk).min(1),
    event_url: z.array(address).length(1).optional(),
    event_method: z.literal("POST").optional(),
    machine_detection: z.enum(["continue", "hangup"]).optional(),
    length_timer: z.int().min(1).max(7200).optional(),
    ringing_timer: z.int().min(1).max(120).optional(),
  })
  .refine((request) => (request.from === undefined) === (request.random_from_number === true), {
    path: ["from"],
    message: "needs either from or random_from_number",
  });

/** A call as the provider takes it. */
export type CallRequest = z.infer<typeof call>;

/** Reads the body of `POST /v1/messages`, or answers what is wrong with it. */
export const parseMessage = (body: unknown) => parse("messages", message, body);

/** Reads the body of `POST /v1/calls`, or answers what is wrong with it. */
export const parseCall = (body: unknown) => parse("voice", call, body);

function parse<T>(
  api: "messages" | "voice",
  schema: z.ZodType<T>,
  body: unknown,
): { ok: true; request: T } | { ok: false; problem: Problem } {
  const result = schema.safeParse(body);
  if (result.success) return { ok: true, request: result.data };
  const invalid = result.error.issues.flatMap((issue) => {
    const path = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") return [{ name: path || "body", reason: issue.message }];
    return issue.keys.map((key) => ({
      name: path ? `${path}.${key}` : key,
      reason: "is not a known parameter",
    }));
  });
  return { ok: false, problem: invalidParameters(api, invalid) };
}
