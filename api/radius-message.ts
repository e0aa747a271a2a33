import { z } from "zod";
import { type AttemptChannel, subjectNameLengthMax } from "@/lib/authn/model";
import { toDigits } from "@/lib/otp/model";

/**
 * Text of an attribute as the user's program sent it. FreeRADIUS up to 3.2 writes each byte that isn't ASCII as a symbol of
 * its own; where such bytes are UTF-8 they are read as that.
 */
function readText(text: string): string {
  if (/[^\0-\xff]/.test(text) || !/[\x80-\xff]/.test(text)) return text;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
}

/** An attribute holds 253 bytes; where they are no text they are written as `0x` and two digits for each. */
const text = z
  .object({ value: z.tuple([z.string().max(2 + 2 * 253)], z.unknown()) })
  .transform(({ value: [first] }) => readText(first));

/** What is shown to staff holds no control characters. */
const label = text.transform((value) =>
  value
    .replace(/\p{C}+/gu, " ")
    .trim()
    .slice(0, 100),
);

const uuidHex = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/;
const toUuid = (hex: string) => hex.replace(uuidHex, "$1-$2-$3-$4-$5");
const toHex = (uuid: string) => uuid.replaceAll("-", "");

/** Where somebody is in an attempt: which it is, and that nobody can guess it or use it twice. */
export interface RadiusState {
  attemptId: string;
  token: string;
}

/** An Access-Request, as rlm_rest writes it: `{"User-Name":{"type":"string","value":["ada"]},…}`. Other attributes are passed over. */
export const accessRequest = z
  .object({
    "User-Name": text.refine((name) => name.length <= subjectNameLengthMax),
    "User-Password": text.default(""),
    State: text.optional(),
    "NAS-Identifier": label.default(""),
    "Calling-Station-Id": label.default(""),
    "FreeRADIUS-Proxied-To": text.optional(),
  })
  .transform((attributes) => ({
    name: attributes["User-Name"],
    password: attributes["User-Password"],
    state: attributes.State,
    nas: attributes["NAS-Identifier"],
    station: attributes["Calling-Station-Id"],
    /** Whether it came within TLS, where nobody can be asked anything. */
    isTunnelled: attributes["FreeRADIUS-Proxied-To"] !== undefined,
  }));
export type AccessRequest = z.output<typeof accessRequest>;

/** Reads a `State` of ours; undefined where it is none. */
export function parseState(state: string): RadiusState | undefined {
  const [, attemptId, token] = /^0x([0-9a-f]{32})([0-9a-f]{32})$/i.exec(state) ?? [];
  return attemptId === undefined || token === undefined
    ? undefined
    : { attemptId: toUuid(attemptId), token: toUuid(token) };
}

const channels: Readonly<Record<string, AttemptChannel>> = {
  sms: "sms",
  text: "sms",
  voice: "voice",
  call: "voice",
  anruf: "voice",
};

/** What somebody wants who typed this as their password. */
export type Wish =
  | { kind: "ask" }
  | { kind: "send"; channel: AttemptChannel }
  | { kind: "prove"; method: "otp" | "access_code" };

/** Reads a password: nothing asks what may be typed, a word for a text or a call, six digits are an OTP, all else is an access code. */
export function toWish(password: string): Wish {
  const typed = password.trim().toLowerCase();
  if (typed === "") return { kind: "ask" };
  const channel = Object.hasOwn(channels, typed) ? channels[typed] : undefined;
  if (channel !== undefined) return { kind: "send", channel };
  return { kind: "prove", method: /^\d{6}$/.test(toDigits(typed)) ? "otp" : "access_code" };
}

/** What somebody is told. */
export type Said =
  | { what: "asked" | "sent" | "called" | "wrong" }
  | { what: "too_soon" | "throttled" | "send_limit"; seconds: number };

const minutes = (seconds: number) => Math.ceil(seconds / 60);

/** Each language's words, in 253 bytes at most. Nothing in them depends on who it is. */
const words: Readonly<Record<"en" | "de", (said: Said) => string>> = {
  en(said) {
    switch (said.what) {
      case "asked":
        return "Type your access code, or the word sms for a text, or call for a call.";
      case "sent":
        return "If a text is open to you, it is on its way. Type its 6 digits.";
      case "called":
        return "If a call is open to you, it is on its way. Type its 6 digits.";
      case "wrong":
        return "That was not right. Type it again, or sms for a text, or call for a call.";
      case "too_soon":
        return `Wait ${said.seconds} seconds before you ask again. Type the 6 digits that came.`;
      case "throttled":
        return `Too many tries. Wait ${said.seconds} seconds.`;
      case "send_limit":
        return `Too many texts and calls. Wait ${minutes(said.seconds)} min.`;
    }
  },
  de(said) {
    switch (said.what) {
      case "asked":
        return "Geben Sie Ihren Zugangscode ein, oder das Wort sms für eine SMS, oder anruf für einen Anruf.";
      case "sent":
        return "Wenn Ihnen eine SMS offensteht, ist sie unterwegs. Geben Sie ihre 6 Ziffern ein.";
      case "called":
        return "Wenn Ihnen ein Anruf offensteht, kommt er gleich. Geben Sie seine 6 Ziffern ein.";
      case "wrong":
        return "Das war nicht richtig. Geben Sie es noch einmal ein, oder sms für eine SMS, oder anruf für einen Anruf.";
      case "too_soon":
        return `Warten Sie ${said.seconds} Sekunden, bevor Sie wieder fragen. Geben Sie die 6 Ziffern ein, die kamen.`;
      case "throttled":
        return `Zu viele Versuche. Warten Sie ${said.seconds} Sekunden.`;
      case "send_limit":
        return `Zu viele SMS und Anrufe. Warten Sie ${minutes(said.seconds)} min.`;
    }
  },
};

/** What the server is to do. */
export type RadiusAnswer =
  | { kind: "accept" }
  | { kind: "reject"; said?: Said }
  | { kind: "challenge"; said: Said; state: RadiusState };

const attribute = (value: string) => ({ op: ":=", do_xlat: false, value: [value] });

/**
 * Writes an answer for rlm_rest: 204 accepts, 200 challenges, 401 rejects. No value of ours is expanded by FreeRADIUS, and none is
 * what somebody typed.
 */
export function toReply(answer: RadiusAnswer, language: "en" | "de"): { status: number; body?: object } {
  if (answer.kind === "accept") return { status: 204 };
  const said = answer.said && { "reply:Reply-Message": attribute(words[language](answer.said)) };
  if (answer.kind === "reject") return { status: 401, body: said ?? {} };
  const { attemptId, token } = answer.state;
  return { status: 200, body: { ...said, "reply:State": attribute(`0x${toHex(attemptId)}${toHex(token)}`) } };
}
