import type { AskInVain } from "@/lib/authn/list-asks-in-vain";
import type { MethodLocks } from "@/lib/authn/locks";
import type { DeliveryView } from "@/lib/delivery/list";
import type { Offer } from "@/lib/grants/decide";
import type { Issued } from "@/lib/grants/issue";
import type { DeadTries, GrantView as ReadGrant } from "@/lib/grants/read-store";
import type { OfflinePreview } from "@/lib/offline/preview-offline";
import type { CodeReach } from "@/lib/offline/reach-store";
import type { OpenedSignIn } from "@/lib/openid/sign-in-store";

/** What JSON makes of a value: dates become ISO 8601 text. */
export type Plain<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Key in keyof T]: Plain<T[Key]> }
      : T;

/** A grant as it travels to the screen. */
export type GrantView = Plain<ReadGrant>;

/** A method as it travels to the screen. */
export type OfferView = Plain<Offer>;

/** Where a code would work without a network, as it travels to the screen. */
export type PreviewView = Plain<OfflinePreview>;

/** Where a code may work without a network, as it travels to the screen. */
export type ReachView = Plain<CodeReach>;

/** What was asked for and not sent, as it travels to the screen. */
export type AskView = Plain<AskInVain>;

/** Where somebody is signed in, as it travels to the screen. */
export type OpenedView = Plain<OpenedSignIn>;

/** Everything that changes during one call: emergency access now and before, what can be given, what is on its way. */
export interface CallView {
  live: GrantView[];
  before: GrantView[];
  /** Dead codes that were typed lately. */
  deadTries: Plain<DeadTries>[];
  /** How many grants of the last 90 days there are, live ones too. */
  recentCount: number;
  offers: OfferView[];
  deliveries: DeliveryView[];
  /** What the user, or somebody in their name, asked for lately and didn't get. */
  asksInVain: AskView[];
  /** Which methods are held back from them now. */
  locks: MethodLocks;
  /** The codes that machines may hold, live ones and those that ended. */
  reach: ReachView[];
  /** Where they are signed in by it now. */
  opened: OpenedView[];
  /** Whether nothing is issued to anybody until an owner has looked. */
  isIssuingStopped: boolean;
  mayRevoke: boolean;
  mayUnlock: boolean;
}

/** Makes of `value` what JSON would. */
export function toPlain<T>(value: T): Plain<T> {
  return JSON.parse(JSON.stringify(value)) as Plain<T>;
}

/**
 * Makes of `call` what it is once `issued` was given, until it is read again: what was given is live, and what it took the
 * place of is not.
 */
export function toGiven(
  call: CallView,
  { grant, replaced }: Pick<Plain<Issued>, "grant" | "replaced">,
  { id, login, displayName }: GrantView["user"],
): CallView {
  const user = { id, login, displayName };
  const others = call.live.filter((each) => each.id !== grant.id && each.id !== replaced?.id);
  const gone = call.live.find((each) => each.id === replaced?.id);
  return {
    ...call,
    live: [{ ...grant, state: "live", lastDelivery: null, user }, ...others],
    before:
      gone === undefined || replaced === null
        ? call.before
        : [{ ...gone, ...replaced, state: "replaced" }, ...call.before],
    recentCount: call.recentCount + 1,
  };
}
