import "server-only";
import type { Tx } from "@/lib/platform/transaction";
import type { Comparison } from "./compare";
import { foldKey } from "./fold";
import type { DirectoryUser } from "./input";
import { type KnownPerson, listNamesElsewhere } from "./known-store";
import type { Source } from "./model";
import type { Keeper, Why } from "./why";

/** Somebody's names, as a line or an entry brings them. */
interface Named {
  key: string;
  fields: { email?: string | null };
}

/** Finds who, kept elsewhere, is known by a name that somebody brings. An address of somebody disabled is no such name, their login is. */
export interface Namesakes {
  /** Which name that a line brings is such a one: a login that is an address, or an address that is either; undefined: none. */
  find(line: Named): "login" | "email" | undefined;
  /**
   * Why what a line makes of somebody is not taken; undefined: nothing is in the way. Names that they had before stay theirs, and
   * whoever may no longer sign in is told so whatever their names are.
   */
  tell(
    comparison: Pick<Comparison, "wanted" | "becomesEnabled">,
    known: KnownPerson | undefined,
  ): Why | undefined;
}

/** Who keeps the people of a source. */
export const keeperOf: Readonly<Record<Source, Keeper>> = {
  csv: "file",
  demo: "file",
  scim: "scim",
  ldap: "ldap",
};

/** The sources that share a keeper: among themselves they see to it that names lead to one person. */
export const keptLike: Readonly<Record<Source, readonly Source[]>> = {
  csv: ["csv", "demo"],
  demo: ["csv", "demo"],
  scim: ["scim"],
  ldap: ["ldap"],
};

const emailKeyOf = ({ email }: { email?: string | null }) => (email == null ? undefined : foldKey(email));

/**
 * Looks for the names of `lines` among those of people whom others than `keepers` keep: a login that is another's address would
 * lead to its bearer wherever that address is typed, and an address that is another's leads to one of them at most.
 * @param known who stands behind the lines, where they are here: they may keep an address of which the line says nothing.
 */
export async function findNamesakes(
  tx: Tx,
  lines: readonly Named[],
  keepers: readonly Source[],
  known: readonly KnownPerson[] = [],
): Promise<Namesakes> {
  const { byLogin, byEmail } = await listNamesElsewhere(
    tx,
    {
      logins: lines.map(({ key }) => key),
      emails: [...lines.map(({ fields }) => fields), ...known].flatMap((each) => emailKeyOf(each) ?? []),
    },
    keepers,
  );
  const ofEmail = (key: string | undefined) =>
    key === undefined ? undefined : (byLogin.get(key) ?? byEmail.get(key));
  const isNew = (known: KnownPerson | undefined, name: "login" | "email", wanted: DirectoryUser) =>
    known === undefined || wanted[name] !== known[name];
  return {
    find({ key, fields }) {
      if (byEmail.has(key)) return "login";
      return ofEmail(emailKeyOf(fields)) === undefined ? undefined : "email";
    },
    tell({ wanted, becomesEnabled }, known) {
      if (wanted.isDisabled) return undefined;
      const byTheirLogin = byEmail.get(foldKey(wanted.login));
      if (byTheirLogin !== undefined && (becomesEnabled || isNew(known, "login", wanted)))
        return { reason: "login_is_email", keeper: keeperOf[byTheirLogin] };
      const byTheirEmail = ofEmail(emailKeyOf(wanted));
      if (byTheirEmail !== undefined && (becomesEnabled || isNew(known, "email", wanted)))
        return { reason: "email_leads", keeper: keeperOf[byTheirEmail] };
      return undefined;
    },
  };
}

/** Which name of one person whom `source` keeps is one of somebody whom another keeps (`Namesakes.find`); undefined: none. */
export async function findNamesake(
  tx: Tx,
  { login, email }: { login: string; email: string | null },
  source: Source,
): Promise<"login" | "email" | undefined> {
  const line = { key: foldKey(login), fields: { email } };
  return (await findNamesakes(tx, [line], keptLike[source])).find(line);
}
