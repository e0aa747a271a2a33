import type { DeliveryView } from "@/lib/delivery/list";
import type { Offer } from "@/lib/grants/decide";
import type { GrantView as ReadGrant } from "@/lib/grants/read-store";

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

/** Everything that changes during one call: emergency access now and before, what can be given, what is on its way. */
export interface CallView {
  live: GrantView[];
  before: GrantView[];
  /** How many grants of the last 90 days there are, live ones too. */
  recentCount: number;
  offers: OfferView[];
  deliveries: DeliveryView[];
  /** Whether nothing is issued to anybody until an owner has looked. */
  isIssuingStopped: boolean;
  mayRevoke: boolean;
}

/** Makes of `value` what JSON would. */
export function toPlain<T>(value: T): Plain<T> {
  return JSON.parse(JSON.stringify(value)) as Plain<T>;
}
