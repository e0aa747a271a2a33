import { cookies } from "next/headers";
import Link from "next/link";
import type { ReactNode } from "react";
import { readerCookies } from "@/components/i18n/locale";
import { getTranslator } from "@/components/i18n/server";
import { Avatar } from "@/components/ui/avatar";
import { buttonClass } from "@/components/ui/button";
import type { Role } from "@/lib/platform/context";
import { Preferences } from "./preferences";

/** Who is signed in, how they like the console, and the way out. */
export async function StaffMenu({
  name,
  email,
  role,
  signOut,
}: {
  name: string;
  email: string;
  role: Role;
  signOut: ReactNode;
}) {
  const t = await getTranslator();
  const theme = (await cookies()).get(readerCookies.theme)?.value;
  return (
    <>
      <button
        type="button"
        popoverTarget="staff-menu"
        className="flex w-full items-center gap-2.5 rounded-lg border border-transparent px-2 py-1.5 text-left hover:bg-sunken"
      >
        <Avatar name={name} />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium text-sm">{name}</span>
          <span className="block truncate text-2xs text-ink-soft">{t(`ui.role.${role}`)}</span>
        </span>
        <span aria-hidden="true" className="text-ink-soft text-xs">
          ⋯
        </span>
      </button>
      <div
        id="staff-menu"
        popover="auto"
        className="fixed top-auto right-auto bottom-16 left-3 m-0 w-64 rounded-xl border bg-surface p-4 text-ink shadow-2xl"
      >
        <p className="truncate font-semibold text-sm">{name}</p>
        <p className="mb-3 truncate text-ink-soft text-xs">{email}</p>
        <Preferences theme={theme === "light" || theme === "dark" ? theme : ""} />
        <div className="mt-4 flex justify-between gap-2 border-t pt-3">
          <Link href="/account" className={buttonClass({ size: "sm" })} data-command={t("shell.account")}>
            {t("shell.account")}
          </Link>
          {signOut}
        </div>
      </div>
    </>
  );
}
