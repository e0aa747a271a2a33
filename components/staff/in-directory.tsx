import Link from "next/link";
import { getTranslator } from "@/components/i18n/server";
import { Badge } from "@/components/ui/badge";
import type { StaffInDirectory } from "@/lib/directory/staff-in-directory";

/** Whom a staff member is in the directory, or that nothing leads to anybody there. */
export async function InDirectory({ people, isIdUnknown }: StaffInDirectory) {
  const t = await getTranslator();
  return (
    <span className="inline-flex flex-wrap items-center gap-x-2 gap-y-1">
      {people.map(({ id, displayName }) => (
        <Link key={id} href={`/users/${id}`} prefetch={false} className="hover:underline">
          {displayName}
        </Link>
      ))}
      {isIdUnknown && <Badge tone="warn">{t("staff.inDirectory.idUnknown")}</Badge>}
      {people.length === 0 && !isIdUnknown && (
        <span className="text-ink-soft">{t("staff.inDirectory.nobody")}</span>
      )}
    </span>
  );
}
