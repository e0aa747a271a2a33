import Link from "next/link";

/** The way from a page to the list that it belongs to, above its title. */
export function BackLink({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} className="inline-flex min-h-6 items-center text-ink-soft text-xs hover:underline">
      ← {children}
    </Link>
  );
}
