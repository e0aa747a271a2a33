"use client";

import { createContext, type ReactNode, use, useId, useMemo, useRef, useState } from "react";

interface Selection {
  gridId: string;
  /** How many rows there are. */
  count: number;
  /** Which row the keyboard is on; 0 is the first. */
  index: number;
  activeId: string | undefined;
  rowId(index: number): string;
  /** Told by the table: its rows, and how to open one. */
  setRows(rows: { count: number; open: (index: number) => void }): void;
  select(index: number): void;
  /** Takes a key pressed in the field; true where it meant something here. */
  onKey(key: string): boolean;
}

const SelectionContext = createContext<Selection | null>(null);

/** Joins the look-up field of the shell with the table of `/users`: the keyboard stays in the one and moves through the other. */
export function LookUpSelectionProvider({ children }: { children: ReactNode }) {
  const gridId = useId();
  const [count, setCount] = useState(0);
  const [index, setIndex] = useState(0);
  const open = useRef<(index: number) => void>(() => undefined);
  const selection = useMemo<Selection>(() => {
    const rowId = (row: number) => `${gridId}-${row}`;
    const move = (to: number) => {
      setIndex(to);
      document.getElementById(rowId(to))?.scrollIntoView({ block: "nearest" });
    };
    return {
      gridId,
      count,
      index,
      rowId,
      activeId: count > 0 ? rowId(index) : undefined,
      setRows(rows) {
        open.current = rows.open;
        setCount(rows.count);
        setIndex(0);
      },
      select: setIndex,
      onKey(key) {
        if (count === 0) return false;
        if (key === "ArrowDown") move(Math.min(index + 1, count - 1));
        else if (key === "ArrowUp") move(Math.max(index - 1, 0));
        else if (key === "Enter") open.current(index);
        else return false;
        return true;
      },
    };
  }, [gridId, count, index]);
  return <SelectionContext value={selection}>{children}</SelectionContext>;
}

/** Which row of the look-up's table the keyboard is on. */
export function useLookUpSelection(): Selection {
  const selection = use(SelectionContext);
  if (selection === null) throw new Error("useLookUpSelection needs LookUpSelectionProvider above it");
  return selection;
}
