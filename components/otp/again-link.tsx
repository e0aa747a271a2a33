"use client";

import { useRouter } from "next/navigation";
import type { ReactNode } from "react";

/** Leads back without loading the document anew, so that a code that was typed there still stands. A plain link without scripts. */
export function AgainLink({
  href,
  className,
  children,
}: {
  href: string;
  className: string;
  children: ReactNode;
}) {
  const router = useRouter();
  return (
    <a
      href={href}
      className={className}
      onClick={(event) => {
        event.preventDefault();
        router.push(href);
      }}
    >
      {children}
    </a>
  );
}
