import "server-only";
import { createHash } from "node:crypto";
import type { RawEntry } from "./ldap-adapter";
import { type DirectoryScope, defaultsOf, foldDn } from "./model";

/** The attributes of a group that name who is in it. */
export const memberAttributes = ["member", "uniqueMember"] as const;

/** Who is in which group, also by a group that is in another. */
export interface Groups {
  /** The names of the groups of an entry. */
  of(entry: RawEntry): string[];
  /** How many there are. */
  count: number;
  /** Another one where a group was added, changed or taken away. */
  digest: string;
}

const strings = (values: readonly (string | Buffer)[]) =>
  values.filter((value) => typeof value === "string" && value !== "").map(String);

/** Makes of the groups of a directory what says who is in which. */
export function toGroups(
  entries: readonly RawEntry[],
  { groupsBy, flavour }: Pick<DirectoryScope, "groupsBy" | "flavour">,
): Groups {
  const names = new Map<string, string>();
  /** Above whom a group stands, where it is told at the group. */
  const groupsOfMember = new Map<string, string[]>();
  const groupsOfGroup = new Map<string, string[]>();
  const lines: string[] = [];
  for (const entry of entries) {
    const dn = foldDn(entry.dn);
    const [name = ""] = strings(entry.values("cn"));
    const clean = name.replace(/\p{Cc}+/gu, " ").trim();
    if (clean !== "" && clean.length <= 200) names.set(dn, clean);
    groupsOfGroup.set(dn, strings(entry.values("memberOf")).map(foldDn));
    if (groupsBy === "member")
      for (const member of memberAttributes.flatMap((attribute) => strings(entry.values(attribute)))) {
        const folded = foldDn(member);
        const groups = groupsOfMember.get(folded);
        if (groups === undefined) groupsOfMember.set(folded, [dn]);
        else groups.push(dn);
      }
    lines.push(JSON.stringify([dn, clean, strings(entry.values(defaultsOf[flavour].changed))]));
  }
  const directly = (dn: string, memberOf: readonly string[]) =>
    groupsBy === "member" ? (groupsOfMember.get(dn) ?? []) : memberOf;
  return {
    of(entry) {
      const dn = foldDn(entry.dn);
      const open = [...directly(dn, strings(entry.values("memberOf")).map(foldDn))];
      const reached = new Set<string>();
      for (let group = open.pop(); group !== undefined; group = open.pop()) {
        if (reached.has(group) || !groupsOfGroup.has(group)) continue;
        reached.add(group);
        open.push(...directly(group, groupsOfGroup.get(group) ?? []));
      }
      return [...new Set([...reached].flatMap((group) => names.get(group) ?? []))];
    },
    count: names.size,
    digest: createHash("sha256").update(lines.sort().join("\n")).digest("hex"),
  };
}
