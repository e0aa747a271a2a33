import "server-only";
import { type SQL, sql } from "drizzle-orm";
import { foldKey } from "@/lib/directory/fold";
import type { Filter, FilterValue } from "./filter";
import { enterpriseUrn, groupUrn, userUrn } from "./schema";
import { Unfit } from "./unfit";

/** How an attribute is compared: `folded` as sign-in folds names, `text` whatever the case, `exact` as it stands. */
type Kind = "folded" | "text" | "exact" | "uuid" | "boolean" | "instant";

/** One value for each resource. */
interface Single {
  readonly kind: Kind;
  readonly column: SQL;
}

/** Any number of values for each resource, each of parts. */
interface Multiple {
  readonly parts: ReadonlyMap<string, Single>;
  /** The statement of whether there is a value for which `condition`, of the columns of the parts, is true. */
  readonly exists: (condition: SQL) => SQL;
}

/** What may be asked for, by names in lower case. */
type Terms = ReadonlyMap<string, Single | Multiple>;

const isMultiple = (term: Single | Multiple): term is Multiple => "parts" in term;
const single = (kind: Kind, column: string): Single => ({ kind, column: sql.raw(column) });
const parts = (entries: Record<string, Single>) => new Map(Object.entries(entries));

const userTerms: Terms = new Map<string, Single | Multiple>([
  ["id", single("uuid", "u.id")],
  ["externalid", single("exact", "u.external_id")],
  ["username", single("folded", "u.login_key")],
  ["name.givenname", single("text", "nullif(u.first_name, '')")],
  ["name.familyname", single("text", "nullif(u.last_name, '')")],
  ["displayname", single("text", "u.display_name")],
  ["title", single("text", "u.title")],
  ["preferredlanguage", single("text", "u.language")],
  ["timezone", single("text", "u.time_zone")],
  ["active", single("boolean", "(u.disabled_at is null)")],
  ["meta.created", single("instant", "u.created_at")],
  ["meta.lastmodified", single("instant", "u.updated_at")],
  ["meta.resourcetype", single("text", "'User'::text")],
  [
    "emails",
    {
      parts: parts({
        value: single("folded", "u.email_key"),
        type: single("text", "'work'::text"),
        primary: single("boolean", "true"),
      }),
      exists: (condition) => sql`(u.email_key is not null and ${condition})`,
    },
  ],
  [
    "phonenumbers",
    {
      parts: parts({
        value: single("exact", "p.e164"),
        type: single("text", "case p.channel when 'sms' then 'mobile' else 'work' end"),
      }),
      exists: (condition) => sql`exists (select from user_phone p where p.user_id = u.id and ${condition})`,
    },
  ],
  [
    "groups",
    {
      parts: parts({ value: single("uuid", "d.id"), display: single("text", "d.name") }),
      exists: (
        condition,
      ) => sql`exists (select from user_group g join directory_group d on d.name = g.group_name
        where g.user_id = u.id and ${condition})`,
    },
  ],
  [`${enterpriseUrn.toLowerCase()}:employeenumber`, single("text", "u.employee_number")],
  [`${enterpriseUrn.toLowerCase()}:department`, single("text", "u.department")],
  [`${enterpriseUrn.toLowerCase()}:manager.value`, single("uuid", "u.manager_id")],
  [`${enterpriseUrn.toLowerCase()}:manager`, single("uuid", "u.manager_id")],
]);

const groupTerms: Terms = new Map<string, Single | Multiple>([
  ["id", single("uuid", "d.id")],
  ["externalid", single("exact", "d.external_id")],
  ["displayname", single("folded", "d.name_key")],
  ["meta.created", single("instant", "d.created_at")],
  ["meta.lastmodified", single("instant", "d.updated_at")],
  ["meta.resourcetype", single("text", "'Group'::text")],
  [
    "members",
    {
      parts: parts({
        value: single("uuid", "u.id"),
        display: single("text", "u.display_name"),
        type: single("text", "'User'::text"),
      }),
      exists: (condition) => sql`exists (select from user_group g join users u on u.id = g.user_id
        where g.group_name = d.name and u.source = 'scim' and u.deleted_at is null and ${condition})`,
    },
  ],
]);

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const datePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

const no = sql`false`;
const unfit = (detail: string) => new Unfit("invalidFilter", detail);

function order(op: string): SQL {
  switch (op) {
    case "gt":
      return sql`>`;
    case "ge":
      return sql`>=`;
    case "lt":
      return sql`<`;
    case "le":
      return sql`<=`;
    default:
      throw unfit(`${op} can't compare this attribute`);
  }
}

function compareText(op: string, column: SQL, value: string): SQL {
  switch (op) {
    case "eq":
      return sql`${column} = ${value}::text`;
    case "ne":
      return sql`${column} is distinct from ${value}::text`;
    case "co":
      return sql`position(${value}::text in ${column}) > 0`;
    case "sw":
      return sql`starts_with(${column}, ${value}::text)`;
    case "ew":
      return sql`right(${column}, length(${value}::text)) = ${value}::text`;
    default:
      return sql`${column} ${order(op)} ${value}::text`;
  }
}

function toBoolean(value: FilterValue): boolean {
  const text = typeof value === "number" ? "" : String(value).toLowerCase();
  if (text !== "true" && text !== "false") throw unfit("A boolean is compared with true or false");
  return text === "true";
}

function compareOne({ kind, column }: Single, op: string, value: FilterValue): SQL {
  if (value === null) {
    if (op === "eq") return sql`${column} is null`;
    if (op === "ne") return sql`${column} is not null`;
    throw unfit("null is compared by eq and ne");
  }
  if (kind === "boolean") {
    const wanted = toBoolean(value);
    if (op === "eq") return sql`${column} = ${wanted}::boolean`;
    if (op === "ne") return sql`${column} <> ${wanted}::boolean`;
    throw unfit("A boolean is compared by eq and ne");
  }
  if (typeof value !== "string") throw unfit("This attribute is compared with a string");
  switch (kind) {
    case "instant": {
      if (!datePattern.test(value) || Number.isNaN(Date.parse(value)))
        throw unfit("A time is compared with a time");
      const at = new Date(value).toISOString();
      if (op === "eq") return sql`${column} = ${at}::timestamptz`;
      if (op === "ne") return sql`${column} <> ${at}::timestamptz`;
      return sql`${column} ${order(op)} ${at}::timestamptz`;
    }
    case "uuid": {
      if (op === "eq") return uuidPattern.test(value) ? sql`${column} = ${value}::uuid` : no;
      return compareText(op, sql`${column}::text`, value.toLowerCase());
    }
    case "folded":
      return compareText(op, column, foldKey(value));
    case "text":
      return compareText(op, sql`lower(${column})`, value.toLowerCase());
    case "exact":
      return compareText(op, column, value);
  }
}

function findTerm(terms: Terms, path: string): Single | Multiple | undefined {
  const lower = path.toLowerCase();
  const name = [userUrn, groupUrn].reduce(
    (rest, urn) => (rest.startsWith(`${urn.toLowerCase()}:`) ? rest.slice(urn.length + 1) : rest),
    lower,
  );
  const term = terms.get(name);
  if (term !== undefined) return term;
  const dot = name.lastIndexOf(".");
  const holder = dot < 0 ? undefined : terms.get(name.slice(0, dot));
  const sub = holder !== undefined && isMultiple(holder) ? holder.parts.get(name.slice(dot + 1)) : undefined;
  return holder !== undefined && isMultiple(holder) && sub !== undefined
    ? { ...holder, parts: new Map([["value", sub]]) }
    : undefined;
}

function isPresent({ column }: Single): SQL {
  return sql`${column} is not null`;
}

function compile(filter: Filter, terms: Terms): SQL {
  switch (filter.op) {
    case "and":
    case "or": {
      const between = filter.op === "and" ? sql` and ` : sql` or `;
      return sql`(${sql.join(
        filter.filters.map((each) => compile(each, terms)),
        between,
      )})`;
    }
    case "not":
      return sql`((${compile(filter.filter, terms)}) is not true)`;
    case "[]": {
      const term = findTerm(terms, filter.attrPath);
      if (term === undefined || !isMultiple(term))
        throw unfit("A filter in brackets stands behind a list of values");
      return term.exists(compile(filter.valFilter, term.parts));
    }
    default: {
      const term = findTerm(terms, filter.attrPath);
      if (term === undefined) throw unfit("The filter names an attribute that can't be filtered by");
      const one = isMultiple(term) ? term.parts.get("value") : term;
      if (one === undefined) throw unfit("The filter names an attribute that can't be filtered by");
      const condition = filter.op === "pr" ? isPresent(one) : compareOne(one, filter.op, filter.compValue);
      return isMultiple(term) ? term.exists(condition) : condition;
    }
  }
}

/**
 * Turns a filter into a condition on `users u`. What it compares with is a parameter, never text of the statement.
 * @throws {Unfit} `invalidFilter` where it names what can't be filtered by, or compares it in a way that makes no sense.
 */
export function toUserCondition(filter: Filter | null): SQL {
  return filter === null ? sql`true` : compile(filter, userTerms);
}

/** As `toUserCondition`, on `directory_group d`. */
export function toGroupCondition(filter: Filter | null): SQL {
  return filter === null ? sql`true` : compile(filter, groupTerms);
}
