/** How a part of the policy is edited. */
export type PolicyField =
  | { path: string; kind: "span" | "count" | "money" | "text" }
  /** A span that may be left to the other rules. */
  | { path: string; kind: "lockedSpan" }
  | { path: string; kind: "choice"; options: readonly string[] }
  /** One of a few, or nothing. */
  | { path: string; kind: "lockedChoice"; options: readonly string[] }
  | { path: string; kind: "set"; options: readonly string[] }
  /** One a line. */
  | { path: string; kind: "lines" }
  /** `CC amount`, one a line. */
  | { path: string; kind: "costs" }
  | { path: string; kind: "groupRules" };

const methods = ["access_code", "sms", "voice"] as const;
const uses = ["once", "reusable"] as const;

/** The policy in the order in which it is read: what is given, how codes look, what is sent, who is special. */
export const policySections: readonly { name: PolicySection; fields: readonly PolicyField[] }[] = [
  {
    name: "windows",
    fields: [
      { path: "grants.windowSeconds.access_code", kind: "span" },
      { path: "grants.windowSeconds.sms", kind: "span" },
      { path: "grants.windowSeconds.voice", kind: "span" },
      { path: "grants.windowSecondsMax", kind: "span" },
      { path: "grants.windowSecondsMaxByIssuer.helpdesk", kind: "span" },
      { path: "grants.windowSecondsMaxByIssuer.lead", kind: "span" },
      { path: "grants.windowSecondsMaxByIssuer.owner", kind: "span" },
      { path: "grants.windowSecondsMaxByIssuer.integration", kind: "span" },
    ],
  },
  {
    name: "uses",
    fields: [
      { path: "grants.uses.access_code", kind: "choice", options: uses },
      { path: "grants.uses.sms", kind: "choice", options: uses },
      { path: "grants.uses.voice", kind: "choice", options: uses },
      { path: "grants.reusableMethods", kind: "set", options: methods },
    ],
  },
  {
    name: "code",
    fields: [
      { path: "accessCode.forms", kind: "set", options: ["standard", "short"] },
      { path: "accessCode.shown", kind: "choice", options: ["symbols", "decimal"] },
      { path: "accessCode.shortWindowSecondsMax", kind: "span" },
      { path: "accessCode.lockedWindowSeconds", kind: "lockedSpan" },
      { path: "accessCode.lockedUses", kind: "lockedChoice", options: uses },
    ],
  },
  {
    name: "tries",
    fields: [
      { path: "tries.shortMax", kind: "count" },
      { path: "tries.backOffFrom", kind: "count" },
      { path: "tries.backOffSeconds", kind: "span" },
      { path: "tries.backOffSecondsMax", kind: "span" },
      { path: "tries.standardMax", kind: "count" },
    ],
  },
  {
    name: "otp",
    fields: [
      { path: "otp.ttlSeconds", kind: "span" },
      { path: "otp.triesMax", kind: "count" },
      { path: "sends.perTenMinutesMax", kind: "count" },
      { path: "sends.perDayMax", kind: "count" },
      { path: "sends.resendSeconds", kind: "span" },
      { path: "countries", kind: "lines" },
    ],
  },
  {
    name: "budget",
    fields: [
      { path: "budget.amountPerDay", kind: "money" },
      { path: "budget.currency", kind: "text" },
      { path: "budget.text.otherwise", kind: "money" },
      { path: "budget.call.otherwise", kind: "money" },
      { path: "budget.text.byCountry", kind: "costs" },
      { path: "budget.call.byCountry", kind: "costs" },
    ],
  },
  {
    name: "people",
    fields: [
      { path: "privilegedGroups", kind: "lines" },
      { path: "methodsOff", kind: "set", options: methods },
      { path: "methodsOffByGroup", kind: "groupRules" },
      { path: "selfService.groups", kind: "lines" },
      { path: "selfService.windowSeconds", kind: "span" },
    ],
  },
  {
    name: "offline",
    fields: [
      { path: "offline.packageDays", kind: "count" },
      { path: "offline.syncSeconds", kind: "span" },
    ],
  },
  {
    name: "staff",
    fields: [
      { path: "stepUpSeconds", kind: "span" },
      { path: "phoneHoldSeconds", kind: "span" },
    ],
  },
];

/** The names of the sections, as the catalogue has them. */
export type PolicySection =
  | "windows"
  | "uses"
  | "code"
  | "tries"
  | "otp"
  | "budget"
  | "people"
  | "offline"
  | "staff";

/** Every part of the policy that can be edited, by its dotted name. */
export function listPolicyPaths(): string[] {
  return policySections.flatMap(({ fields }) => fields.map(({ path }) => path));
}

/** The least and most that a number may be. */
export type Bounds = Readonly<Record<string, { min: number; max: number }>>;

interface Schema {
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  minimum?: number;
  maximum?: number;
}

/** Reads the bounds of every number out of the policy's JSON schema, so that the form never knows others than the door. */
export function readBounds(schema: unknown): Bounds {
  return Object.fromEntries(
    listPolicyPaths().flatMap((path) => {
      let at: Schema | undefined = schema as Schema;
      for (const name of path.split(".")) at = at?.properties?.[name];
      const bounded = [at, ...(at?.anyOf ?? [])].find((each) => each?.maximum !== undefined);
      return bounded === undefined
        ? []
        : [[path, { min: bounded.minimum ?? 0, max: bounded.maximum ?? Number.MAX_SAFE_INTEGER }]];
    }),
  );
}

/** The value at a dotted name. */
export function getAt(document: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
}

/** A copy of `document` with another value at a dotted name. */
export function setAt<T>(document: T, path: string, value: unknown): T {
  const [name = "", ...rest] = path.split(".");
  const known = document as Record<string, unknown>;
  return { ...known, [name]: rest.length === 0 ? value : setAt(known[name], rest.join("."), value) } as T;
}
