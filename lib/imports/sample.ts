import type { Comparison } from "@/lib/directory/compare";
import type { KnownPerson } from "@/lib/directory/known-store";
import { maskPhone } from "@/lib/directory/phone";
import type { SampledChange } from "./model";

const names = {
  login: "login",
  displayName: "display_name",
  firstName: "given_name",
  lastName: "family_name",
  email: "email",
  employeeNumber: "employee_number",
  title: "title",
  department: "department",
  site: "site",
  managerDirectoryId: "manager_login",
  language: "language",
  timeZone: "time_zone",
} as const;

const textMax = 60;
/** Never between the halves of a letter: PostgreSQL keeps no half. */
const cut = (text: string) =>
  text.length > textMax ? `${text.slice(0, textMax - 1).replace(/[\ud800-\udbff]$/u, "")}…` : text;

/** What a judgement changes, to be looked at; undefined: nothing. */
export function toSample({
  is,
  wanted,
  known,
  becomesDisabled,
  becomesEnabled,
}: Comparison & { known: KnownPerson | undefined }): SampledChange | undefined {
  if (is === "unchanged") return undefined;
  const fields: SampledChange["fields"] = [];
  const add = (name: string, from: string, to: string) => {
    if (from !== to) fields.push({ name, from: cut(from), to: cut(to) });
  };
  for (const [field, name] of Object.entries(names) as [keyof typeof names, string][])
    if (is === "changed" || field === "displayName") add(name, known?.[field] ?? "", wanted[field] ?? "");
  if (is === "changed") {
    add("groups", [...(known?.groups ?? [])].sort().join(", "), [...wanted.groups].sort().join(", "));
    for (const channel of ["sms", "voice"] as const) {
      const from = known?.phones.find((phone) => phone.channel === channel)?.e164 ?? "";
      const to = wanted.phones[channel] ?? "";
      if (from !== to)
        fields.push({
          name: `phone_${channel}`,
          from: from && maskPhone(from),
          to: to && maskPhone(to),
        });
    }
  }
  return {
    login: cut(wanted.login),
    is: becomesDisabled ? "disabled" : becomesEnabled ? "enabled" : is,
    fields,
  };
}
