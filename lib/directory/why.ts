/** Who keeps somebody: a file, SCIM or LDAP. */
export type Keeper = "file" | "scim" | "ldap";

/** What a source's own words add to a reason; empty: nothing. */
interface Detailed {
  detail: string;
}

interface Named {
  /** The column or the attribute. */
  name: string;
}

/** What each reason says besides itself. */
interface Details {
  // A file that can't be read as a whole.
  empty: unknown;
  not_a_file: unknown;
  large_file: { mebibytes: number };
  not_utf8: unknown;
  many_cells: { max: number };
  unknown_column: Named & { known: string };
  column_twice: Named;
  no_login_column: unknown;
  torn: { line: number; because: "closing_quote" | "long_line" | "open_quote" | "quote_inside" | "other" };
  // A line or an entry.
  wrong_cells: { cells: number; columns: number };
  missing: Named;
  missing_id: Named;
  not_text: Named;
  too_long: Named & { max: number };
  control_characters: Named;
  bad_login: unknown;
  bad_email: unknown;
  bad_phone: Named & { needsCountry: "yes" | "no" };
  landline: Named;
  bad_language: unknown;
  bad_time_zone: unknown;
  bad_disabled: unknown;
  long_group: unknown;
  many_groups: unknown;
  own_manager: unknown;
  phone_left_out: unknown;
  // Somebody else is in the way.
  login_in_line: { line: number };
  login_of_another: unknown;
  login_doubled: unknown;
  login_is_id: unknown;
  id_kept: { keeper: Keeper };
  login_kept: { keeper: Keeper };
  person_kept: { keeper: Keeper };
  login_is_email: { keeper: Keeper };
  email_leads: { keeper: Keeper };
  // A directory that can't be read, or an import that goes no further.
  no_directory: unknown;
  too_many_disabled: { disabled: number };
  name_not_found: Detailed;
  unreachable: Detailed;
  certificate_untrusted: Detailed;
  certificate_of_another: Detailed;
  certificate_expired: Detailed;
  tls_failed: Detailed;
  tls_needed: Detailed;
  bind_refused: Detailed;
  base_not_found: Detailed;
  not_allowed: Detailed;
  limited: Detailed;
  too_slow: Detailed;
  too_large: Detailed;
  endless: Detailed;
  went_away: Detailed;
  answered_oddly: Detailed;
  /** A fault of ours, which stands in the log under this request. */
  logged: { requestId: string };
  /** What was said before reasons were kept apart from sentences. */
  said: { text: string };
}

/** Why a line, an entry or a whole source isn't taken. `sayWhy` says it. */
export type Why = { [Reason in keyof Details]: { reason: Reason } & Details[Reason] }[keyof Details];
