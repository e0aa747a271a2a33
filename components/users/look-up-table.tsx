"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { parseAsString, useQueryState } from "nuqs";
import { Fragment, useEffect, useEffectEvent } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { ReadRefused, readJson } from "@/components/read-json";
import { useLookUpSelection } from "@/components/shell/look-up-selection";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { Kbd } from "@/components/ui/kbd";
import { EmptyState, Notice } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import { mayBreakAt, Unspaced } from "@/components/ui/unspaced";
import type { Found, FoundUser } from "@/lib/directory/search";

/** A look-up that was not answered is asked again after this long, without being typed anew. */
const againMs = 3_000;

/** Text with the letters that were typed in bold. */
function Marked({ text, stretches }: { text: string; stretches: readonly (readonly number[])[] }) {
  const parts: { text: string; start: number; isHit: boolean }[] = [];
  let at = 0;
  for (const [start = 0, end = 0] of stretches) {
    if (start > at) parts.push({ text: text.slice(at, start), start: at, isHit: false });
    parts.push({ text: text.slice(start, end), start, isHit: true });
    at = end;
  }
  parts.push({ text: text.slice(at), start: at, isHit: false });
  return parts.map((part) => (
    <Fragment key={part.start}>
      {mayBreakAt(text, part.start) && <wbr />}
      {part.isHit ? (
        <b className="font-bold">
          <Unspaced>{part.text}</Unspaced>
        </b>
      ) : (
        <Unspaced>{part.text}</Unspaced>
      )}
    </Fragment>
  ));
}

/**
 * Who fits what is typed at the top of the page, the best first; before anything is typed, whom the reader handled lately.
 * The keyboard moves through it from the field.
 */
export function LookUpTable({
  first,
  recent,
}: {
  first: { query: string; found: Found } | null;
  recent: readonly FoundUser[];
}) {
  const t = useTranslations("users");
  const router = useRouter();
  const [typed] = useQueryState("q", parseAsString.withDefault(""));
  const query = typed.trim();
  const { data, error, isPlaceholderData } = useQuery({
    queryKey: ["users", query],
    queryFn: ({ signal }) => readJson<Found>("/api/look-up", { query }, signal),
    enabled: query !== "",
    ...(first !== null && first.query === query ? { initialData: first.found } : {}),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => state.status === "error" && againMs,
  });
  const users: readonly FoundUser[] = query === "" ? recent : (data?.users ?? []);
  const isAnswered = query === "" || (!isPlaceholderData && (data !== undefined || error !== null));
  const answers = isAnswered ? query : null;
  const selection = useLookUpSelection();
  const report = useEffectEvent(() =>
    selection.setRows({
      answers,
      count: users.length,
      open: (index) => {
        const user = users[index];
        if (user !== undefined) router.push(`/users/${user.id}`);
      },
    }),
  );
  const rows = users.map(({ id }) => id).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the field is told whenever the rows, or what they answer, are others
  useEffect(() => {
    report();
    return () => selection.setRows({ answers: null, count: 0, open: () => undefined });
  }, [rows, answers]);

  if (query !== "" && error !== null)
    return (
      <Notice tone="danger" alert title={t("failed")}>
        {t("failedHint", { id: (error instanceof ReadRefused && error.requestId) || "–" })}
      </Notice>
    );
  if (users.length === 0)
    return (
      <div className="rounded-xl border bg-surface">
        {query === "" ? (
          <EmptyState title={t("noRecent.title")}>{t("noRecent.hint")}</EmptyState>
        ) : data !== undefined && !isPlaceholderData ? (
          data.more === "perhaps" ? (
            <EmptyState title={t("perhaps.title")}>{t("perhaps.hint")}</EmptyState>
          ) : data.more === "no_numbers" ? (
            <EmptyState title={t("noNumbers.title")}>{t("noNumbers.hint")}</EmptyState>
          ) : (
            <EmptyState title={t("nothing.title", { query })}>{t("nothing.hint")}</EmptyState>
          )
        ) : (
          <div className="h-28" aria-busy="true" />
        )}
      </div>
    );
  return (
    <>
      <div className="rounded-xl border bg-surface">
        <Table label={t("title")} role="grid" id={selection.gridId}>
          <Heads>
            <Head>{t("column.name")}</Head>
            <Head className="hidden md:table-cell">{t("column.login")}</Head>
            <Head className="hidden xl:table-cell">{t("column.where")}</Head>
            <Head className="hidden xl:table-cell">{t("column.phone")}</Head>
            <Head className="hidden sm:table-cell">{t("column.state")}</Head>
            <Head>{t("column.access")}</Head>
          </Heads>
          <tbody>
            {users.map((user, index) => (
              <UserRow key={user.id} user={user} index={index} />
            ))}
          </tbody>
        </Table>
      </div>
      <p className="mt-3 flex flex-wrap items-center gap-x-1.5 gap-y-1 text-ink-soft">
        <span role="status">
          {query === ""
            ? t("recent")
            : t(data?.more === "some" ? "countSome" : data?.more === "perhaps" ? "countPerhaps" : "count", {
                count: users.length,
              })}
        </span>
        <span className="pointer-coarse:hidden hidden items-center gap-1.5 sm:flex" aria-hidden="true">
          · <Kbd>↑</Kbd>
          <Kbd>↓</Kbd> {t("toMove")}, <Kbd>↵</Kbd> {t("toOpen")}
        </span>
      </p>
    </>
  );
}

function UserRow({ user, index }: { user: FoundUser; index: number }) {
  const t = useTranslations("users");
  const { formats, renderedAt } = useReader();
  const selection = useLookUpSelection();
  const isSelected = selection.count > 0 && selection.index === index;
  const { stretches } = user;
  const where = [user.department, user.site].filter(Boolean).join(", ");
  const phone = user.phones[0];
  const [open, ...further] = user.access;
  const until = (at: string) => {
    const date = new Date(at);
    return date.getTime() - renderedAt < 12 * 3_600_000
      ? formats.clock(date)
      : formats.moment(date, new Date(renderedAt));
  };
  return (
    <Row
      id={selection.rowId(index)}
      selected={isSelected}
      aria-selected={isSelected}
      onPointerMove={() => isSelected || selection.select(index)}
      className="relative"
    >
      <Cell>
        <div className="flex min-w-0 items-center gap-2.5">
          <Avatar name={user.displayName} />
          <span className="min-w-0">
            <Link
              href={`/users/${user.id}`}
              prefetch={false}
              className="block min-w-28 [overflow-wrap:anywhere] after:absolute after:inset-0"
            >
              <Marked text={user.displayName} stretches={stretches.displayName} />
            </Link>
            <span className="block text-ink-soft text-xs [overflow-wrap:anywhere] md:hidden">
              <Marked text={user.login} stretches={stretches.login} />
            </span>
            {stretches.email.length > 0 && user.email !== null && stretches.displayName.length === 0 && (
              <span className="block text-ink-soft text-xs [overflow-wrap:anywhere]">
                <Marked text={user.email} stretches={stretches.email} />
              </span>
            )}
            {stretches.employeeNumber.length > 0 && user.employeeNumber !== null && (
              <span className="block font-mono text-ink-soft text-xs">
                <Marked text={user.employeeNumber} stretches={stretches.employeeNumber} />
              </span>
            )}
          </span>
        </div>
      </Cell>
      <Cell className="hidden max-w-52 truncate md:table-cell" title={user.login}>
        <Marked text={user.login} stretches={stretches.login} />
      </Cell>
      <Cell className="hidden text-ink-soft xl:table-cell">{where || "–"}</Cell>
      <Cell className="hidden whitespace-nowrap xl:table-cell">
        {phone === undefined ? (
          <span className="text-ink-soft">{t("noPhone")}</span>
        ) : (
          <span className="font-mono text-xs">{phone.masked}</span>
        )}
      </Cell>
      <Cell className="hidden sm:table-cell">
        <Badge tone={user.isDisabled ? "danger" : "ok"}>{t(user.isDisabled ? "disabled" : "enabled")}</Badge>
      </Cell>
      <Cell>
        {user.isDisabled && (
          <span className="mb-1 block sm:hidden">
            <Badge tone="danger">{t("disabled")}</Badge>
          </span>
        )}
        {open === undefined ? (
          <span className="text-ink-soft">–</span>
        ) : (
          <span className="flex flex-wrap items-center gap-1.5">
            <Badge tone="warn">
              {t("until", { method: t(`method.${open.method}`), until: until(open.expiresAt) })}
            </Badge>
            {further.length > 0 && (
              <span className="text-ink-soft text-xs">{t("more", { count: further.length })}</span>
            )}
          </span>
        )}
      </Cell>
    </Row>
  );
}
