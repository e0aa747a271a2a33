import { getReader, getTranslator } from "@/components/i18n/server";
import { Avatar } from "@/components/ui/avatar";
import { Badge, Tag } from "@/components/ui/badge";
import type { UserDetails } from "@/lib/directory/read";
import { nameAuthenticator } from "./authenticator";

/** So many groups are named; the others are counted. */
const groupsShown = 5;

/** Name, place in the company, state and groups of a user. */
export async function UserHeader({ user }: { user: UserDetails }) {
  const [t, { formats, now }] = await Promise.all([getTranslator(), getReader()]);
  const place = [user.department, user.site].filter(Boolean).join(", ");
  const about = [
    user.title,
    place,
    user.manager && t("user.header.reportsTo", { name: user.manager.displayName }),
  ].filter(Boolean);
  const groups = [...user.groups].sort(
    (a, b) => Number(user.privilegedGroups.includes(b)) - Number(user.privilegedGroups.includes(a)),
  );
  return (
    <header className="mb-4 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="flex min-w-0 gap-4">
        <Avatar name={user.displayName} size="lg" />
        <div className="min-w-0">
          <h1 className="break-words font-bold text-xl tracking-tight">{user.displayName}</h1>
          {about.length > 0 && <p className="text-ink-soft">{about.join(" · ")}</p>}
          <ul className="mt-1.5 flex flex-wrap gap-1.5">
            <li>
              <Badge tone={user.disabledAt === null ? "ok" : "danger"}>
                {t(
                  `user.header.${user.deletedAt !== null ? "gone" : user.disabledAt === null ? "enabled" : "disabled"}`,
                )}
              </Badge>
            </li>
            {groups.slice(0, groupsShown).map((group) => (
              <li key={group} className="min-w-0">
                {user.privilegedGroups.includes(group) ? (
                  <Badge tone="warn">
                    {group}, {t("user.header.privileged")}
                  </Badge>
                ) : (
                  <Tag>{group}</Tag>
                )}
              </li>
            ))}
            {groups.length > groupsShown && (
              <li title={groups.slice(groupsShown).join(", ")} className="text-ink-soft text-xs leading-5">
                {t("user.header.moreGroups", { count: groups.length - groupsShown })}
              </li>
            )}
          </ul>
        </div>
      </div>
      <p className="text-ink-soft sm:text-right">
        {t("user.header.lastSignIn")}
        <br className="hidden sm:inline" />{" "}
        <strong className="font-semibold text-ink">
          {user.lastSignInAt === null
            ? t("user.header.never")
            : [
                formats.moment(user.lastSignInAt, now),
                user.lastSignInMethod && nameAuthenticator(t, user.lastSignInMethod),
              ]
                .filter(Boolean)
                .join(", ")}
        </strong>
      </p>
    </header>
  );
}
