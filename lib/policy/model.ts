import { z } from "zod";
import { isStorable } from "@/lib/platform/storable";
import { STEP_UP_SECONDS_MAX } from "@/lib/staff/model";

/** The three methods of emergency access. */
export const methods = ["sms", "voice", "access_code"] as const;

/** SMS OTP, Voice OTP, or access code (product, "The three methods"). */
export type Method = (typeof methods)[number];

/** How a grant is used up: by the first use, or only by time. */
export const usesKinds = ["once", "reusable"] as const;

/** `once`: spent by the first use. `reusable`: as often as wanted until it expires. */
export type Uses = (typeof usesKinds)[number];

/** The forms in which an access code is issued (access-code, "The standard code", "The short code"). */
export const codeForms = ["standard", "short"] as const;

/** `standard`: good online and offline. `short`: online only, at most 24 hours. */
export type CodeForm = (typeof codeForms)[number];

const hour = 3600;
const day = 24 * hour;

/** The shortest window that any grant may have (limits, "access code life"). */
export const windowSecondsMin = 60;

/** The longest window that any policy can allow (limits, "access code life"). */
export const windowSecondsLimit = 7 * day;

/** The longest life of a short code, whatever a policy says (access-code, "The short code"). */
const shortWindowSecondsLimit = day;

const windowSeconds = z.int().min(windowSecondsMin).max(windowSecondsLimit);
const groupName = z.string().trim().min(1).max(200).refine(isStorable);
const country = z.string().regex(/^[A-Z]{2}$/);
const money = z.number().min(0).max(1_000_000);
const cost = z.strictObject({
  /** What one costs in a country that isn't named. */
  otherwise: money,
  /** By ISO 3166 alpha-2 country. */
  byCountry: z.record(country, money).default({}),
});

/**
 * What the company allows: every number of `limits.md` that a company may choose, within the bounds that it may not leave.
 * Parsing `{}` gives the defaults.
 */
export const policySchema = z.strictObject({
  /** Windows and uses of a grant, by method. */
  grants: z
    .strictObject({
      /** The window where nobody asks for another. */
      windowSeconds: z
        .strictObject({
          sms: windowSeconds.default(4 * hour),
          voice: windowSeconds.default(4 * hour),
          access_code: windowSeconds.default(4 * hour),
        })
        .prefault({}),
      /** The longest window that anybody may ask for: the company's own ceiling. */
      windowSecondsMax: windowSeconds.default(windowSecondsLimit),
      /** The longest window by who issues. `lead` is helpdesk; an OAuth client, which has no role, is an integration. */
      windowSecondsMaxByIssuer: z
        .strictObject({
          helpdesk: windowSeconds.default(day),
          lead: windowSeconds.default(day),
          owner: windowSeconds.default(7 * day),
          integration: windowSeconds.default(7 * day),
        })
        .prefault({}),
      /** What a grant is where nobody asks. */
      uses: z
        .strictObject({
          sms: z.enum(usesKinds).default("reusable"),
          voice: z.enum(usesKinds).default("reusable"),
          access_code: z.enum(usesKinds).default("once"),
        })
        .prefault({}),
      /** The methods whose grants may be reusable. */
      reusableMethods: z.array(z.enum(methods)).default(["sms", "voice"]),
    })
    .prefault({}),
  /** The forms of an access code, and how it is shown. */
  accessCode: z
    .strictObject({
      /** The forms that may be issued; the first is the one where nobody asks. */
      forms: z.array(z.enum(codeForms)).min(1).default(["standard", "short"]),
      /** The form that is read aloud; both are always accepted. */
      shown: z.enum(["symbols", "decimal"]).default("symbols"),
      /** The longest life of a short code. */
      shortWindowSecondsMax: z
        .int()
        .min(windowSecondsMin)
        .max(shortWindowSecondsLimit)
        .default(shortWindowSecondsLimit),
      /** Not null: every access code lives this long, whatever is asked and whoever asks. */
      lockedWindowSeconds: windowSeconds.nullable().default(null),
      /** Not null: every access code has these uses, whatever is asked. */
      lockedUses: z.enum(usesKinds).nullable().default(null),
    })
    .prefault({}),
  /** Wrong tries of access codes (limits, "wrong tries"; 63B 3.2.2). */
  tries: z
    .strictObject({
      /** This many wrong tries and a short code is dead. */
      shortMax: z.int().min(1).max(5).default(5),
      /** From this wrong try on, a subject and source must wait. */
      backOffFrom: z.int().min(1).max(5).default(5),
      /** The first wait; each further one is twice as long. */
      backOffSeconds: z.int().min(30).max(900).default(30),
      /** The longest wait. */
      backOffSecondsMax: z.int().min(30).max(900).default(900),
      /** This many wrong tries in a row and the live standard code dies. */
      standardMax: z.int().min(5).max(100).default(100),
    })
    .prefault({}),
  /** One-time passwords by text or call. */
  otp: z
    .strictObject({
      ttlSeconds: z.int().min(60).max(600).default(300),
      triesMax: z.int().min(1).max(10).default(3),
    })
    .prefault({}),
  /** How often something is sent to one number or user (limits, "OTP sends"). */
  sends: z
    .strictObject({
      perTenMinutesMax: z.int().min(1).max(10).default(3),
      perDayMax: z.int().min(1).max(50).default(10),
      resendSeconds: z.int().min(10).max(600).default(30),
    })
    .prefault({}),
  /** What may be spent on texts and calls on a UTC day (limits, "money"). */
  budget: z
    .strictObject({
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .default("EUR"),
      amountPerDay: money.default(100),
      text: cost.default({ otherwise: 0.1, byCountry: {} }),
      call: cost.default({ otherwise: 0.2, byCountry: {} }),
    })
    .prefault({}),
  /** The countries, ISO 3166 alpha-2, whose numbers a text or call may go to. */
  countries: z.array(country).max(250).default(["US", "GB"]),
  /** Machines that judge codes without a network (offline, "Package"). */
  offline: z
    .strictObject({
      /** How many days after it was made a package is good. */
      packageDays: z.int().min(1).max(14).default(14),
      /** How often a machine asks for news where nothing moves it sooner. */
      syncSeconds: z
        .int()
        .min(900)
        .max(4 * hour)
        .default(4 * hour),
    })
    .prefault({}),
  /** The groups whose members need an issuer with `grant:issue-privileged`. */
  privilegedGroups: z.array(groupName).max(500).default(["domain-admins"]),
  /** The methods that nobody is given. */
  methodsOff: z.array(z.enum(methods)).default([]),
  /** The methods that the members of a group are not given, and the reason that staff are shown. */
  methodsOffByGroup: z
    .array(
      z.strictObject({
        group: groupName,
        methods: z.array(z.enum(methods)).min(1),
        because: z.string().trim().min(1).max(300).refine(isStorable),
      }),
    )
    .max(500)
    .default([]),
  /** What the members of some groups may begin at `/otp` without a call to the desk. */
  selfService: z
    .strictObject({
      groups: z.array(groupName).max(500).default([]),
      windowSeconds: z.int().min(windowSecondsMin).max(hour).default(900),
    })
    .prefault({}),
  /** How old a second factor of staff may be before a sensitive act. */
  stepUpSeconds: z.int().min(60).max(STEP_UP_SECONDS_MAX).default(STEP_UP_SECONDS_MAX),
  /** How long no OTP goes to a number that staff or a key changed (limits, "a phone number changed"). */
  phoneHoldSeconds: z
    .int()
    .min(7 * day)
    .max(90 * day)
    .default(7 * day),
});

/** A policy in force. */
export type Policy = z.output<typeof policySchema>;

/** The policy of an installation that never changed it. */
export const defaultPolicy: Policy = policySchema.parse({});

/** Two policies' differences, for the audit event: the dotted names of what isn't the same. */
export function listChanges(before: unknown, after: unknown, path = ""): string[] {
  if (Object.is(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) =>
    listChanges(before[name], after[name], path === "" ? name : `${path}.${name}`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
