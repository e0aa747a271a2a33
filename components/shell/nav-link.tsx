"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** A link of the sidebar; marks the part of the console that one is in. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const pathname = usePathname();
  const here = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      aria-current={here ? "page" : undefined}
      className={`flex min-h-9 items-center justify-between rounded-lg border px-3 text-sm ${
        here
          ? "border-line bg-surface font-semibold text-ink"
          : "border-transparent text-ink-soft hover:bg-sunken hover:text-ink"
      }`}
    >
      {children}
    </Link>
  );
}
