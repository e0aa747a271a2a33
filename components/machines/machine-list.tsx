"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl/react";
import { useReader } from "@/components/i18n/reader-provider";
import { Ago } from "@/components/i18n/time";
import { useFilters } from "@/components/list/filters";
import { Facts, OpeningList } from "@/components/list/opening-list";
import { usePages } from "@/components/list/pages";
import { readJson } from "@/components/read-json";
import { Badge } from "@/components/ui/badge";
import { buttonClass } from "@/components/ui/button";
import { Cell } from "@/components/ui/table";
import type { MachineView } from "@/lib/machines/read-store";
import { machineFilters } from "./filter-names";
import { PackageWords, StateBadge } from "./package-words";

/** A page of the list, as it travels. */
export interface MachineListPage {
  machines: readonly MachineView[];
  /** The `cursor` of the next page. */
  next: string | null;
}

/** How often the list looks for what machines said meanwhile. */
const freshMs = 15_000;

/** Every machine: how it stands, when it was heard of, until when its package is good, who is on it. */
export function MachineList({ first, manages }: { first: MachineListPage; manages: boolean }) {
  const t = useTranslations("machines");
  const { values, isPending, any } = useFilters(machineFilters);
  const query = usePages(["machines"], {
    first,
    read: (cursor: string | null, signal) =>
      readJson<MachineListPage>("/api/machines", { ...values, cursor }, signal),
    cursorOf: (page) => page.next,
    freshMs,
  });
  const machines = query.data.pages.flatMap((page) => page.machines);
  return (
    <OpeningList
      label={t("title")}
      heads={[
        t("column.name"),
        t("column.state"),
        t("column.contact"),
        t("column.package"),
        t("column.people"),
        t("column.version"),
        t("column.receipts"),
        t("column.alarms"),
      ]}
      more={t("column.more")}
      items={machines}
      toId={(machine) => machine.id}
      toOpenLabel={(machine) => t("details", { name: machine.name })}
      toCells={(machine) => <Line machine={machine} />}
      toDetails={(machine) => <Details machine={machine} />}
      empty={
        any
          ? { title: t("empty.filtered"), hint: t("empty.filteredHint") }
          : { title: t("empty.title"), hint: manages ? <EnrolFirst /> : t("empty.hintReader") }
      }
      isPending={isPending}
      paging={query}
    />
  );
}

function EnrolFirst() {
  const t = useTranslations("machines");
  return (
    <>
      <p>{t("empty.hint")}</p>
      <Link href="/machines/enrol" className={buttonClass({ className: "mt-4" })}>
        {t("empty.act")}
      </Link>
    </>
  );
}

function Line({ machine }: { machine: MachineView }) {
  const t = useTranslations("machines");
  const { names, users } = machine;
  return (
    <>
      <Cell className="whitespace-nowrap">
        <Link
          href={`/machines/${machine.id}`}
          prefetch={false}
          className="font-medium font-mono hover:underline"
        >
          {machine.name}
        </Link>
      </Cell>
      <Cell>
        <StateBadge machine={machine} />
      </Cell>
      <Cell className="whitespace-nowrap">
        {machine.lastContactAt === null ? t("never") : <Ago at={machine.lastContactAt} />}
      </Cell>
      <Cell className="whitespace-nowrap">
        <PackageWords machine={machine} />
      </Cell>
      <Cell className="min-w-40">
        {users === 0 ? (
          <span className="text-ink-soft">{t("nobody")}</span>
        ) : (
          <>
            {names.join(", ")}
            {users > names.length && (
              <span className="text-ink-soft"> {t("morePeople", { count: users - names.length })}</span>
            )}
          </>
        )}
      </Cell>
      <Cell className="whitespace-nowrap font-mono text-xs">{machine.agentVersion ?? "–"}</Cell>
      <Cell className="tabular-nums">{machine.receipts}</Cell>
      <Cell>
        {machine.alarms === 0 ? (
          <span className="text-ink-soft tabular-nums">0</span>
        ) : (
          <Badge tone="danger">{machine.alarms}</Badge>
        )}
      </Cell>
    </>
  );
}

function Details({ machine }: { machine: MachineView }) {
  const t = useTranslations("machines.fact");
  const end = useTranslations("machines.shows");
  const { formats } = useReader();
  const exact = (at: string | null) => (at === null ? "–" : formats.exact(new Date(at)));
  const facts: [string, ReactNode][] = [
    [t("enrolled"), exact(machine.enrolledAt)],
    [t("contact"), exact(machine.lastContactAt)],
    [t("stored"), exact(machine.storedAt)],
    [t("good"), exact(machine.storedNotAfter)],
    [t("made"), exact(machine.packageAt)],
  ];
  if (machine.endedAt !== null) facts.push([t("ended"), `${exact(machine.endedAt)} (${end("ended")})`]);
  return (
    <>
      <Facts facts={facts} />
      <p className="mt-2 text-xs">
        <Link href={`/machines/${machine.id}`} className="font-medium text-accent hover:underline">
          {t("open", { name: machine.name })}
        </Link>
      </p>
    </>
  );
}
