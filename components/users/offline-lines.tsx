"use client";

import Link from "next/link";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { useNow } from "@/components/i18n/time";
import type { NotThere } from "@/lib/machines/holds";

/** One machine, and whether a code works on it without a network. */
export interface OfflineLine {
  readonly machineId: string;
  readonly name: string;
  readonly syncedAt: string | null;
  /** null: it doesn't work there. */
  readonly until: string | null;
  readonly leftAfter: number | null;
  readonly why: NotThere | null;
}

/**
 * Machine by machine: whether a code works there without a network, until when, or why not.
 * @param linked whether the names lead to the machines' pages; not where a code is shown that leaving the page would lose.
 */
export function OfflineLines({
  label,
  lines,
  linked,
}: {
  label: string;
  lines: readonly OfflineLine[];
  linked: boolean;
}) {
  const t = useTranslations("user.offline");
  const { formats } = useReader();
  const now = new Date(useNow());
  const ago = (at: string | null) =>
    at === null ? "" : formats.relative(new Date(Math.min(Date.parse(at), now.getTime())), now);
  return (
    <ul aria-label={label} className="flex flex-col gap-1.5 text-xs">
      {lines.map(({ machineId, name, syncedAt, until, leftAfter, why }) => (
        <li key={machineId} className="flex gap-2">
          <span
            aria-hidden="true"
            className={`mt-1 size-2 shrink-0 rounded-full ${until === null ? "border border-ink-soft" : "bg-ok"}`}
          />
          <span className="min-w-0 text-ink-soft [&_strong]:font-semibold [&_strong]:text-ink">
            {linked ? (
              <Link
                href={`/machines/${machineId}`}
                prefetch={false}
                className="font-semibold text-ink hover:underline"
              >
                {name}
              </Link>
            ) : (
              <strong>{name}</strong>
            )}{" "}
            {until === null
              ? t(`not.${why ?? "no_slot"}`, { ago: ago(syncedAt) })
              : t.rich("works", {
                  ago: ago(syncedAt),
                  until: formats.moment(new Date(until), now),
                  left: leftAfter ?? 0,
                  b: (chunks) => <strong>{chunks}</strong>,
                })}
          </span>
        </li>
      ))}
    </ul>
  );
}
