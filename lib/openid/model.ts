import type { AttemptMethod } from "@/lib/authn/model";
import { methods } from "@/lib/policy/model";

/** How long somebody stays signed in at an application at most; a grant that ends sooner ends it then. */
export const signInSecondsMax = 12 * 3600;

/** How long an access token and an ID token are good at most, and a code. */
export const accessTokenSecondsMax = 600;
export const idTokenSecondsMax = 600;
export const codeSecondsMax = 60;

/** How long an application's request waits for the proof: long enough to call the helpdesk meanwhile. */
export const requestSeconds = 3600;

/** What an application is told of how well it was proven: one factor that the user has, given in an emergency. */
export const emergencyAcr = "urn:sparekey:acr:emergency-access";

/** In words of RFC 8176: what was done. */
const amrOf: Readonly<Record<AttemptMethod, readonly ["otp", ...string[]]>> = {
  sms: ["otp", "sms"],
  voice: ["otp", "tel"],
  access_code: ["otp"],
};

/** An application's request that waits for the proof. */
export interface OpenidRequest {
  /** What the application's row goes by. */
  clientId: string;
  /** The application as people know it. */
  name: string;
  /** Which classes and ways alone it takes, where it says so; null: any. */
  acrValues: readonly string[] | null;
  amrValues: readonly string[] | null;
  /** The subjects that it asks for, by an ID token of theirs or by name; it is told of nobody else. Empty: whoever comes. */
  subjects: readonly string[];
  /** Of Microsoft Entra: whom it asks about. null: another application, which takes whoever comes. */
  hint: EntraHint | null;
  /** Microsoft Entra's own number of the request, for who looks for it in both logs. */
  correlationId: string | null;
}

/** Whom Microsoft Entra asks about, by its own signed word. */
export interface EntraHint {
  /** Answered as it came. */
  sub: string;
  /** The person's id in Entra's directory. */
  oid: string;
  /** As they signed in there. */
  preferredUsername: string;
}

/** How deep `claims` nests at most: twice what any request needs (`id_token`, `acr`, `values`). */
export const claimsLevelsMax = 8;

/** Whether objects or arrays nest in `value` deeper than so many levels; it looks no deeper itself. */
export function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((member) => isDeeper(member, levels - 1));
}

/** What is said of how somebody was proven. */
export interface Proof {
  acr: string;
  amr: string[];
}

/**
 * Entra's classes that a factor which the user has satisfies. All our methods are one: a phone, or a code that was handed over (NIST: look-up
 * secret).
 */
const possessionAcrs: readonly string[] = [
  "possessionorinherence",
  "knowledgeorpossession",
  "knowledgeorpossessionorinherence",
  "possession",
];

function decideAcr({ hint, acrValues }: OpenidRequest): string | undefined {
  const ours = hint === null ? [emergencyAcr] : possessionAcrs;
  return acrValues === null ? ours[0] : acrValues.find((acr) => ours.includes(acr));
}

/** Entra takes one word, the most telling one; others are told all. */
function decideAmr({ hint, amrValues }: OpenidRequest, method: AttemptMethod): string[] | undefined {
  const done = amrOf[method];
  const taken = amrValues === null ? done : done.filter((word) => amrValues.includes(word));
  if (taken.length === 0) return undefined;
  return hint === null ? [...done] : taken.slice(-1);
}

/** Decides what can truly be said of a proof by `method` in answer to `request`; undefined: nothing that it would take. */
export function decideProof(request: OpenidRequest, method: AttemptMethod): Proof | undefined {
  const acr = decideAcr(request);
  const amr = decideAmr(request, method);
  return acr === undefined || amr === undefined ? undefined : { acr, amr };
}

/** A signing key as far as its turn is concerned. */
interface Aged {
  createdAt: Date;
}

/** For how long a key is published before it signs: Entra looks for new ones once in a day, and asks for two. */
export const announcedSeconds = 48 * 3600;

/** For how long a key stays published after the last token that it signed. */
const outlivesSeconds = 24 * 3600;

const ageSeconds = ({ createdAt }: Aged, now: Date) => (now.getTime() - createdAt.getTime()) / 1000;

/**
 * Decides by their ages which key signs, and which ones nobody needs any more. The newest that was published long enough signs; the only
 * one does at once.
 * @returns the published ones, the one that signs first; and those that are over.
 */
export function decideKeys<Key extends Aged>(
  keys: readonly Key[],
  now: Date,
): { published: Key[]; over: Key[] } {
  const newestFirst = keys.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const signing = newestFirst.find((key) => ageSeconds(key, now) >= announcedSeconds) ?? newestFirst.at(-1);
  if (signing === undefined) return { published: [], over: [] };
  const isReplaced = ageSeconds(signing, now) >= announcedSeconds + idTokenSecondsMax + outlivesSeconds;
  const older = newestFirst.slice(newestFirst.indexOf(signing) + 1);
  const others = newestFirst.filter((key) => key !== signing && !(isReplaced && older.includes(key)));
  return { published: [signing, ...others], over: isReplaced ? older : [] };
}

/** Whether there is a method that `request` would take. */
export function isAcceptable(request: OpenidRequest): boolean {
  return methods.some((method) => decideProof(request, method) !== undefined);
}
