"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { readJson } from "@/components/read-json";
import { buttonClass } from "@/components/ui/button";
import type { Plain } from "@/components/users/call-view";
import type { Theft } from "@/lib/grants/thefts-store";

const askedEveryMs = 30_000;

/** Tells security on every page that something was reported stolen, until somebody has looked. */
export function TheftBar({ first }: { first: readonly Plain<Theft>[] }) {
  const t = useTranslations("shell.theft");
  const { formats, renderedAt } = useReader();
  const pathname = usePathname();
  const { data } = useQuery({
    queryKey: ["thefts"],
    queryFn: ({ signal }) => readJson<{ thefts: readonly Plain<Theft>[] }>("/api/thefts", {}, signal),
    initialData: { thefts: first },
    refetchInterval: askedEveryMs,
  });
  const [newest] = data.thefts;
  if (newest === undefined || pathname === "/overview") return null;
  return (
    <aside
      aria-label={t("title")}
      className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1 border-b bg-danger-soft px-3 py-2 sm:px-6"
    >
      <p role="status" className="min-w-0 flex-1 basis-64 [overflow-wrap:anywhere]">
        <strong className="font-semibold text-danger">{t("title")}</strong>{" "}
        {t("text", {
          name: newest.displayName,
          at: formats.moment(new Date(newest.reportedAt), new Date(renderedAt)),
          more: data.thefts.length - 1,
        })}
      </p>
      <Link href="/overview" className={buttonClass({ size: "sm" })}>
        {t("look")}
      </Link>
    </aside>
  );
}
