import { decideDestination } from "@/lib/delivery/destination";
import { toMembership } from "@/lib/directory/membership";
import { findMethodOff } from "@/lib/directory/method-off";
import { parsePhone } from "@/lib/directory/phone";
import { isYourself } from "@/lib/directory/yourself";
import type { Actor } from "@/lib/platform/context";
import { type Refusal, refuse, type Success } from "@/lib/platform/outcome";
import {
  type CodeForm,
  type Method,
  methods,
  type Policy,
  type Uses,
  usesKinds,
  windowSecondsMin,
} from "@/lib/policy/model";
import { needsStepUp } from "@/lib/staff/model";
import { hasPermission } from "@/lib/staff/permission";
import type { GrantPhone, GrantUser } from "./model";

/** What is asked for; what is left out is as the policy says. */
export interface Wanted {
  readonly method: Method;
  readonly form?: CodeForm | undefined;
  readonly windowSeconds?: number | undefined;
  readonly uses?: Uses | undefined;
}

/** What a grant will be. */
export interface Terms {
  readonly method: Method;
  /** Of an access code; null for the other methods. */
  readonly form: CodeForm | null;
  readonly windowSeconds: number;
  readonly uses: Uses;
  /** What the company's lock decided, whatever was asked. */
  readonly locked: { readonly window: boolean; readonly uses: boolean };
}

/** Who set the longest window. */
export type Ceiling = "company" | "issuer" | "short_code";

/** Why a method can't be given to this user at all, by this issuer or by anybody. */
export type MethodRefusal =
  | Refusal<"yourself">
  | Refusal<"privileged", { group: string }>
  | Refusal<"user_disabled">
  | Refusal<"method_off", { group: string | null; because: string | null }>
  | Refusal<"no_number">
  | Refusal<"number_held", { heldUntil: Date }>
  | Refusal<"country", { country: string | null }>
  | Refusal<"number_barred">;

/** Why no OTP may go to the user's phone of a channel now. */
export type PhoneRefusal = Extract<
  MethodRefusal,
  { reason: "no_number" | "number_held" | "country" | "number_barred" }
>;

/** Why these terms can't be given. */
export type TermsRefusal =
  | Refusal<"form_off", { forms: readonly CodeForm[] }>
  | Refusal<"uses_off">
  | Refusal<"window_too_short", { windowSecondsMin: number }>
  | Refusal<"window_too_long", { windowSecondsMax: number; ceiling: Ceiling }>
  | Refusal<"step_up_needed">;

/** Who asks for what, for whom, under which policy, and when by the database's clock. */
export interface Question {
  readonly policy: Policy;
  readonly actor: Actor;
  readonly user: GrantUser;
  readonly now: Date;
}

/**
 * Decides whether a grant may be issued, and on what terms: every rule of scope and limits in one place.
 *
 * The first rule that says no answers, from the person to the details. That the actor may issue at all was required before.
 *
 * @returns The terms; or the refusal, with what the issuer needs to know to ask for something that works.
 * @see limits; product, "The three methods"
 */
export function decideIssue(
  question: Question,
  wanted: Wanted,
): Success<{ terms: Terms }> | MethodRefusal | TermsRefusal {
  const { policy, actor } = question;
  const refusal = decideMethod(question, wanted.method);
  if (refusal !== undefined) return refusal;
  const form = wanted.method === "access_code" ? (wanted.form ?? firstForm(policy)) : null;
  if (form !== null && !policy.accessCode.forms.includes(form)) {
    return refuse("form_off", { forms: policy.accessCode.forms });
  }
  const uses = decideUses(policy, wanted);
  if (uses === undefined) return refuse("uses_off");
  const window = decideWindow(policy, actor, wanted.method, form, wanted.windowSeconds);
  if (!window.ok) return window;
  if (wanted.method === "access_code" && needsStepUp(actor)) return refuse("step_up_needed");
  return {
    ok: true,
    terms: {
      method: wanted.method,
      form,
      windowSeconds: window.windowSeconds,
      uses: uses.uses,
      locked: { window: window.locked, uses: uses.locked },
    },
  };
}

/** A method as the screen offers it, or the reason why it can't work. */
export type Offer = { readonly method: Method } & (
  | {
      readonly offered: true;
      readonly windowSeconds: number;
      readonly windowSecondsMin: number;
      readonly windowSecondsMax: number;
      /** What may be chosen, the default first; one only: nothing to choose. */
      readonly uses: readonly Uses[];
      /** The forms of an access code that may be chosen, the default first; none for the other methods. */
      readonly forms: readonly CodeForm[];
      /** The longest life of a short code, where that form may be chosen. */
      readonly shortWindowSecondsMax: number | null;
      readonly locked: { readonly window: boolean; readonly uses: boolean };
      /** Whether the issuer must show the second factor again first. */
      readonly stepUpNeeded: boolean;
    }
  | { readonly offered: false; readonly because: MethodRefusal | Refusal<"no_permission"> }
);

/**
 * Decides for each method whether it is offered to this user by this issuer, or why it can't work. By the same rules as
 * `decideIssue`: what is offered with its defaults is not refused.
 */
export function decideOffers(question: Question): Offer[] {
  const { policy, actor } = question;
  return methods.map((method): Offer => {
    const because = hasPermission(actor, "grant:issue")
      ? decideMethod(question, method)
      : refuse("no_permission");
    if (because !== undefined) return { method, offered: false, because };
    const isCode = method === "access_code";
    const form = isCode ? firstForm(policy) : null;
    const longest = decideCeiling(policy, actor, method, isCode ? longestForm(policy) : null);
    const uses = listUses(policy, method);
    return {
      method,
      offered: true,
      windowSeconds: defaultWindow(policy, actor, method, form),
      windowSecondsMin: isCode
        ? (policy.accessCode.lockedWindowSeconds ?? windowSecondsMin)
        : windowSecondsMin,
      windowSecondsMax: longest.windowSecondsMax,
      uses,
      forms: isCode ? policy.accessCode.forms : [],
      shortWindowSecondsMax:
        isCode && policy.accessCode.forms.includes("short")
          ? decideCeiling(policy, actor, method, "short").windowSecondsMax
          : null,
      locked: {
        window: isCode && policy.accessCode.lockedWindowSeconds !== null,
        uses: isCode && policy.accessCode.lockedUses !== null,
      },
      stepUpNeeded: isCode && needsStepUp(actor),
    };
  });
}

/** Decides whether an OTP may go to the user's phone of a channel now. */
export function decidePhone(
  policy: Policy,
  phones: readonly GrantPhone[],
  channel: "sms" | "voice",
  now: Date,
): Success<{ phone: GrantPhone }> | PhoneRefusal {
  const phone = phones.find((each) => each.channel === channel);
  if (phone === undefined) return refuse("no_number");
  if (phone.heldUntil !== null && phone.heldUntil.getTime() > now.getTime()) {
    return refuse("number_held", { heldUntil: phone.heldUntil });
  }
  const destination = decideDestination(phone.e164, policy.countries);
  if (destination.ok) return { ok: true, phone };
  if (destination.reason !== "country") return refuse(destination.reason);
  return refuse("country", { country: parsePhone(phone.e164)?.country ?? null });
}

/** Decides whether a method can be given to this user by this actor at all; undefined: it can. */
export function decideMethod(question: Question, method: Method): MethodRefusal | undefined {
  const { policy, actor, user, now } = question;
  if (isYourself(actor, user)) return refuse("yourself");
  const group = policy.privilegedGroups.find(toMembership(user.groups));
  if (group !== undefined && !hasPermission(actor, "grant:issue-privileged")) {
    return refuse("privileged", { group });
  }
  if (user.disabledAt !== null) return refuse("user_disabled");
  const off = findMethodOff(policy, user.groups, method);
  if (off !== undefined) return refuse("method_off", off);
  if (method === "access_code") return undefined;
  const phone = decidePhone(policy, user.phones, method, now);
  return phone.ok ? undefined : phone;
}

/** The form of an access code where nobody asks for one. */
export function firstForm(policy: Policy): CodeForm {
  return policy.accessCode.forms[0] ?? "standard";
}

function longestForm(policy: Policy): CodeForm {
  return policy.accessCode.forms.includes("standard") ? "standard" : "short";
}

function listUses(policy: Policy, method: Method): readonly Uses[] {
  const locked = method === "access_code" ? policy.accessCode.lockedUses : null;
  if (locked !== null) return [locked];
  if (!policy.grants.reusableMethods.includes(method)) return ["once"];
  const first = policy.grants.uses[method];
  return [first, ...usesKinds.filter((each) => each !== first)];
}

function decideUses(policy: Policy, wanted: Wanted): { uses: Uses; locked: boolean } | undefined {
  const allowed = listUses(policy, wanted.method);
  const locked = wanted.method === "access_code" && policy.accessCode.lockedUses !== null;
  const uses = locked ? allowed[0] : (wanted.uses ?? allowed[0]);
  return uses === undefined || !allowed.includes(uses) ? undefined : { uses, locked };
}

function ceilingOfIssuer(policy: Policy, actor: Actor): number {
  const byRole: Partial<Record<string, number>> = policy.grants.windowSecondsMaxByIssuer;
  switch (actor.kind) {
    case "staff":
    case "client":
      return byRole[actor.role ?? "integration"] ?? policy.grants.windowSecondsMaxByIssuer.helpdesk;
    case "user":
      return policy.selfService.windowSeconds;
    case "machine":
      return 0;
    case "system":
    case "operator":
      return policy.grants.windowSecondsMax;
  }
}

function decideCeiling(
  policy: Policy,
  actor: Actor,
  method: Method,
  form: CodeForm | null,
): { windowSecondsMax: number; ceiling: Ceiling } {
  const locked = method === "access_code" ? policy.accessCode.lockedWindowSeconds : null;
  const company = locked ?? policy.grants.windowSecondsMax;
  const issuer = locked === null ? ceilingOfIssuer(policy, actor) : company;
  const short = form === "short" ? policy.accessCode.shortWindowSecondsMax : company;
  const windowSecondsMax = Math.min(company, issuer, short);
  return {
    windowSecondsMax,
    ceiling: windowSecondsMax === company ? "company" : windowSecondsMax === issuer ? "issuer" : "short_code",
  };
}

function defaultWindow(policy: Policy, actor: Actor, method: Method, form: CodeForm | null): number {
  const { windowSecondsMax } = decideCeiling(policy, actor, method, form);
  const locked = method === "access_code" ? policy.accessCode.lockedWindowSeconds : null;
  return Math.min(locked ?? policy.grants.windowSeconds[method], windowSecondsMax);
}

function decideWindow(
  policy: Policy,
  actor: Actor,
  method: Method,
  form: CodeForm | null,
  wanted: number | undefined,
): Success<{ windowSeconds: number; locked: boolean }> | TermsRefusal {
  const locked = method === "access_code" && policy.accessCode.lockedWindowSeconds !== null;
  if (locked || wanted === undefined) {
    return { ok: true, windowSeconds: defaultWindow(policy, actor, method, form), locked };
  }
  if (wanted < windowSecondsMin) return refuse("window_too_short", { windowSecondsMin });
  const longest = decideCeiling(policy, actor, method, form);
  if (wanted > longest.windowSecondsMax) return refuse("window_too_long", longest);
  return { ok: true, windowSeconds: wanted, locked };
}
