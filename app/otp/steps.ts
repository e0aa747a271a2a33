import type { AttemptChannel } from "@/lib/authn/model";
import { toReturnPath } from "@/lib/staff/return-path";

/** How the pages call the two channels. */
export type Way = "text" | "call";

/** The channel behind a way. */
export const channelOf: Readonly<Record<Way, AttemptChannel>> = { text: "sms", call: "voice" };

/** The way over a channel. */
export const wayOf: Readonly<Record<AttemptChannel, Way>> = { sms: "text", voice: "call" };

/** What a page may have to say about what was just done; goes through the address, so that reload and back are safe. */
export type Problem =
  | "empty"
  | "busy"
  | "limit"
  | "too_soon"
  | "incomplete"
  | "wrong"
  | "mistyped"
  | "throttled";

/** Something about a page that its address says. */
export interface Hint {
  problem?: Problem;
  /** Tries left. */
  left?: number;
  /** Seconds to wait. */
  wait?: number;
}

function toQuery(hint: Hint & { app?: string | null; login?: string }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(hint))
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  return query.size === 0 ? "" : `?${query}`;
}

/** The address of the first page. */
export function toStart(hint: Hint & { app?: string | null; login?: string } = {}): string {
  return `/otp${toQuery(hint)}`;
}

/** The address of a page of an attempt; without a step, that of the ways. */
export function toStep(
  attemptId: string,
  step: Way | "code" | "in" | { check: Way } | null,
  hint: Hint = {},
): string {
  const base = `/otp/${encodeURIComponent(attemptId)}`;
  if (step === null) return `${base}${toQuery(hint)}`;
  if (typeof step === "object") return `${base}/check?way=${step.check}`;
  return `${base}/${step}${toQuery(hint)}`;
}

/** The address of the page that says what broke under `requestId`, and leads back to `back`. */
export function toTrouble(requestId: string, back: string): string {
  return `/otp/trouble?${new URLSearchParams({ id: requestId, back })}`;
}

/** Narrows text to the address of one of these pages; undefined for anything else. */
export function toOwnPath(text: string | null | undefined): string | undefined {
  const path = toReturnPath(text);
  return path !== undefined && /^\/otp([/?]|$)/.test(path) ? path : undefined;
}

/** The page on which `form` stands, with the name that was typed, so that it can be sent again. */
export function toFormPage(form: FormData): string {
  const read = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value : "";
  };
  const attemptId = read("attempt");
  if (attemptId === "") return toStart({ app: read("app"), login: read("login") });
  if (form.has("code")) return toStep(attemptId, "code");
  if (form.has("digits")) return toStep(attemptId, read("way") === "call" ? "call" : "text");
  return toStep(attemptId, null);
}

/** One value of an address's query, however often it was given. */
export function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/** What the address says, as numbers that make sense; whatever else stands there is passed over. */
export function parseHint(query: Readonly<Record<string, string | string[] | undefined>>): {
  problem: string | undefined;
  left: number;
  wait: number;
} {
  const number = (name: string, max: number) => {
    const value = Number(single(query[name]));
    return Number.isInteger(value) ? Math.min(Math.max(value, 1), max) : 1;
  };
  return { problem: single(query.problem), left: number("left", 10), wait: number("wait", 86_400) };
}
