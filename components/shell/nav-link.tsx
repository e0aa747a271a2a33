"use client";

import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";

/** On narrow screens the sidebar lies over the page: it goes when one has chosen. */
function closeSidebar() {
  const sidebar = document.querySelector<HTMLElement>("nav[popover]:popover-open");
  sidebar?.hidePopover();
}

/** A link of the sidebar; marks the part of the console that one is in. */
export function NavLink({ href, children }: { href: string; children: ReactNode }) {
  const pathname = usePathname();
  const here = pathname === href || pathname.startsWith(`${href}/`);
  return (
    <Link
      href={href}
      onClick={closeSidebar}
      aria-current={here ? "page" : undefined}
      className={`flex min-h-9 items-center justify-between rounded-lg border px-3 text-sm ${
        here
          ? "border-line bg-surface font-semibold text-ink"
          : "border-transparent text-ink-soft hover:bg-sunken hover:text-ink"
      }`}
    >
      {children}
      <Pending />
    </Link>
  );
}

/** A dot while the page that was chosen is on its way; the one before stays until then. */
function Pending() {
  const { pending } = useLinkStatus();
  return (
    pending && <span aria-hidden="true" className="ml-2 size-1.5 animate-pulse rounded-full bg-accent" />
  );
}
