"use client";

import { Fragment, type ReactNode, useState } from "react";
import { EmptyState } from "@/components/ui/state";
import { Cell, Head, Heads, Row, Table } from "@/components/ui/table";
import { LoadMore } from "./load-more";

/** What pages are read by: as TanStack Query's infinite query gives it. */
interface Paging {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage(): unknown;
}

/**
 * A table whose lines open to all that is known of each, with more of them read on demand.
 * @param props.heads what stands above the cells, with the class of a column that narrow screens leave out; `more` is read out above the column that opens.
 * @param props.toCells the cells of a line, as many as there are heads.
 * @param props.toDetails what an open line shows.
 */
export function OpeningList<T>(props: {
  label: string;
  heads: readonly (string | readonly [head: string, className: string])[];
  more: string;
  items: readonly T[];
  toId: (item: T) => string;
  toOpenLabel: (item: T) => string;
  toCells: (item: T) => ReactNode;
  toDetails: (item: T) => ReactNode;
  empty: { title: string; hint: ReactNode };
  isPending: boolean;
  paging: Paging;
}) {
  const { items, heads, paging, isPending } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  if (items.length === 0)
    return (
      <div className="rounded-xl border bg-surface">
        <EmptyState title={props.empty.title}>{props.empty.hint}</EmptyState>
      </div>
    );
  const toggle = (id: string) =>
    setOpen((was) => {
      const now = new Set(was);
      if (!now.delete(id)) now.add(id);
      return now;
    });
  return (
    <>
      <div className={`rounded-xl border bg-surface ${isPending ? "opacity-60" : ""}`} aria-busy={isPending}>
        <Table label={props.label}>
          <Heads>
            {heads.map((each) => {
              const [head, className] = typeof each === "string" ? [each, ""] : each;
              return (
                <Head key={head} className={className}>
                  {head}
                </Head>
              );
            })}
            <Head>
              <span className="sr-only">{props.more}</span>
            </Head>
          </Heads>
          <tbody>
            {items.map((item) => {
              const id = props.toId(item);
              const isOpen = open.has(id);
              return (
                <Fragment key={id}>
                  <Row className={isOpen ? "border-b-0 bg-sunken/60" : ""}>
                    {props.toCells(item)}
                    <Cell className="w-10 text-right max-sm:px-2">
                      <button
                        type="button"
                        aria-expanded={isOpen}
                        aria-controls={`line-${id}`}
                        aria-label={props.toOpenLabel(item)}
                        onClick={() => toggle(id)}
                        className="size-7 rounded-md text-ink-soft hover:bg-sunken hover:text-ink"
                      >
                        <span aria-hidden="true">{isOpen ? "−" : "+"}</span>
                      </button>
                    </Cell>
                  </Row>
                  {isOpen && (
                    <tr id={`line-${id}`} className="border-b bg-sunken/60">
                      <td colSpan={heads.length + 1} className="px-4 pb-3">
                        {props.toDetails(item)}
                      </td>
                    </tr>
                  )}
                </Fragment>
              );
            })}
          </tbody>
        </Table>
      </div>
      <LoadMore
        shown={items.length}
        more={paging.hasNextPage}
        busy={paging.isFetchingNextPage}
        failed={paging.isFetchNextPageError}
        onMore={() => void paging.fetchNextPage()}
      />
    </>
  );
}

/** Names and values, two pairs beside each other where there is room. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1 text-xs md:grid-cols-[max-content_minmax(0,1fr)_max-content_minmax(0,1fr)]">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt className="text-ink-soft">{name}</dt>
          <dd className="break-words">{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
