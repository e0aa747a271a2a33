"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { useReader } from "@/components/i18n/reader-provider";

/**
 * The pages of a list: the first as the server rendered it, further ones as they are asked for. What the server renders anew, for
 * another filter or another visit, begins the list anew: until then what stands there is the list before.
 * @param key names the list.
 * @param options.read reads the page at a cursor; null: the first, where it is read again.
 * @param options.freshMs how often the pages are read again; left out: never.
 */
export function usePages<Page, Cursor extends string | number>(
  key: readonly string[],
  {
    first,
    read,
    cursorOf,
    freshMs,
  }: {
    first: Page;
    read: (cursor: Cursor | null, signal: AbortSignal) => Promise<Page>;
    cursorOf: (page: Page) => Cursor | null;
    freshMs?: number;
  },
) {
  const { renderedAt } = useReader();
  return useInfiniteQuery({
    queryKey: [...key, renderedAt],
    queryFn: ({ pageParam, signal }) => read(pageParam as Cursor | null, signal),
    initialPageParam: null as Cursor | null,
    initialData: { pages: [first], pageParams: [null] },
    getNextPageParam: cursorOf,
    staleTime: freshMs ?? Number.POSITIVE_INFINITY,
    refetchInterval: freshMs ?? false,
  });
}
