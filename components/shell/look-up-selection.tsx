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
  /** Told by the table: its rows, how to open one, and the text that they answer (null while they are of an earlier text). */
  setRows(rows: Rows): void;
  select(index: number): void;
  /** Takes an arrow pressed in the field; true where it meant something here. */
  onArrow(key: string): boolean;
  /** Told by the field: the text that the address of `/users` has; null on another page and on the way from there. */
  setAddressed(text: string | null): void;
  /**
   * Opens the row that the keyboard is on, if the rows answer `text`; if not yet, its best match as soon as they do. Not before
   * the address has the text: what is still to be written there would call the way to the row off.
   */
  openFor(text: string): void;
  /** Opens nothing any more when an answer arrives. */
  forget(): void;
}

interface Rows {
  answers: string | null;
  count: number;
  open: (index: number) => void;
}

const SelectionContext = createContext<Selection | null>(null);

/** Joins the look-up field of the shell with the table of `/users`: the keyboard stays in the one and moves through the other. */
export function LookUpSelectionProvider({ children }: { children: ReactNode }) {
  const gridId = useId();
  const [count, setCount] = useState(0);
  const [index, setIndex] = useState(0);
  const rows = useRef<Rows>({ answers: null, count: 0, open: () => undefined });
  const at = useRef(0);
  const addressed = useRef<string | null>(null);
  const wanted = useRef<string | null>(null);
  const selection = useMemo<Selection>(() => {
    const rowId = (row: number) => `${gridId}-${row}`;
    const select = (row: number) => {
      at.current = row;
      setIndex(row);
    };
    const move = (to: number) => {
      select(to);
      document.getElementById(rowId(to))?.scrollIntoView({ block: "nearest" });
    };
    const openWanted = () => {
      if (
        wanted.current === null ||
        wanted.current !== rows.current.answers ||
        wanted.current !== addressed.current
      )
        return;
      wanted.current = null;
      if (rows.current.count === 0) return;
      document.getElementById("main")?.focus({ preventScroll: true });
      rows.current.open(at.current);
    };
    return {
      gridId,
      count,
      index,
      rowId,
      activeId: count > 0 ? rowId(index) : undefined,
      setRows(told) {
        rows.current = told;
        setCount(told.count);
        select(0);
        openWanted();
      },
      select,
      onArrow(key) {
        if (count === 0) return false;
        if (key === "ArrowDown") move(Math.min(index + 1, count - 1));
        else if (key === "ArrowUp") move(Math.max(index - 1, 0));
        else return false;
        return true;
      },
      setAddressed(text) {
        addressed.current = text;
        openWanted();
      },
      openFor(text) {
        wanted.current = text;
        openWanted();
      },
      forget() {
        wanted.current = null;
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
