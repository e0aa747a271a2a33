import Link from "next/link";
import type { ReactNode } from "react";
import { getTranslator } from "@/components/i18n/server";
import { Kbd } from "@/components/ui/kbd";
import type { Actor } from "@/lib/platform/context";
import { Logo } from "./logo";
import { NavLink } from "./nav-link";
import { listSections } from "./sections";
import { StaffMenu } from "./staff-menu";

/** The id by which the button of narrow screens opens the sidebar. */
export const sidebarId = "sidebar";

/** Where one can go, and who one is. On narrow screens it comes in from the side, by the browser's own popover. */
export async function Sidebar({
  actor,
  signOut,
}: {
  actor: Extract<Actor, { kind: "staff" }>;
  signOut: ReactNode;
}) {
  const t = await getTranslator();
  const sections = listSections(actor);
  const groups = [...new Set(sections.map(({ group }) => group))];
  return (
    <nav
      id={sidebarId}
      aria-label={t("shell.navigation")}
      popover="auto"
      className="fixed inset-y-0 left-0 m-0 h-dvh max-h-none w-64 flex-col border-0 border-r bg-page p-2.5 text-ink shadow-2xl backdrop:bg-backdrop open:flex lg:sticky lg:top-0 lg:flex lg:w-auto lg:shadow-none"
    >
      <Link href="/users" className="mb-2 flex h-11 items-center rounded-lg px-2">
        <Logo />
      </Link>
      <div className="flex flex-col gap-3 overflow-y-auto">
        {groups.map((group) => (
          <ul key={group} className="flex flex-col gap-0.5">
            {group !== "desk" && (
              <li className="px-3 pt-1 pb-1 text-2xs text-ink-soft" aria-hidden="true">
                {t(`shell.group.${group}`)}
              </li>
            )}
            {sections
              .filter((section) => section.group === group)
              .map(({ href, name }) => (
                <li key={href}>
                  <NavLink href={href}>
                    {t(`shell.section.${name}`)}
                    {name === "users" && <Kbd>/</Kbd>}
                  </NavLink>
                </li>
              ))}
          </ul>
        ))}
      </div>
      <div className="mt-auto pt-3">
        <StaffMenu name={actor.name} email={actor.email} role={actor.role} signOut={signOut} />
      </div>
    </nav>
  );
}
