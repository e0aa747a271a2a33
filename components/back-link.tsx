import Link from "next/link";

/** The way from a page to the list that it belongs to, above its title. */
export function BackLink({ href, children }: { href: string; children: string }) {
  return (
    <Link href={href} className="text-ink-soft text-xs hover:underline">
      ← {children}
    </Link>
  );
}
