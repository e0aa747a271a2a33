import { useTranslations } from "use-intl/react";
import type { DetailName } from "@/lib/audit/model";

/** How to say a detail of an event, or of an alarm, in the reader's words; a name of an older version is said as it stands. */
export function useDetails(): (
  name: string,
  value: string | number | boolean,
) => [name: string, value: string] {
  const t = useTranslations("detail");
  return (name, value) => [
    t.has(`name.${name as DetailName}`) ? t(`name.${name as DetailName}`) : name,
    typeof value === "boolean" ? t(value ? "yes" : "no") : String(value),
  ];
}
