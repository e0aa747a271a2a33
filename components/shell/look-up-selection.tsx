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
  /**
   * Opens the row that the keyboard is on, if the rows answer `text`; if not yet, its best match as soon as they do. Not before the
   * address has the text, and again where something that was still to be written there called the way to the row off.
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

/** How often one looks whether what is to be opened is there, and how long. */
const lookAgainMs = 30;
const patienceMs = 10_000;

/** A way to a row that led nowhere for so long was called off. */
const openAgainMs = 2_500;

/** The text that the address of `/users` has; undefined on another page. */
const readAddress = () =>
  location.pathname === "/users" ? (new URLSearchParams(location.search).get("q") ?? "").trim() : undefined;

const SelectionContext = createContext<Selection | null>(null);

/** Joins the look-up field of the shell with the table of `/users`: the keyboard stays in the one and moves through the other. */
export function LookUpSelectionProvider({ children }: { children: ReactNode }) {
  const gridId = useId();
  const [count, setCount] = useState(0);
  const [index, setIndex] = useState(0);
  const rows = useRef<Rows>({ answers: null, count: 0, open: () => undefined });
  const at = useRef(0);
  const wanted = useRef<{ text: string; until: number; openedAt?: number } | null>(null);
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
      const asked = wanted.current;
      if (asked === null || asked.text !== rows.current.answers || asked.text !== readAddress()) return;
      const now = performance.now();
      if (asked.openedAt !== undefined && now - asked.openedAt < openAgainMs) return;
      wanted.current = null;
      if (rows.current.count === 0) return;
      document.getElementById("main")?.focus({ preventScroll: true });
      asked.openedAt = now;
      wanted.current = asked;
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
      openFor(text) {
        const asked: NonNullable<typeof wanted.current> = { text, until: performance.now() + patienceMs };
        wanted.current = asked;
        const look = () => {
          if (wanted.current !== asked) return;
          const isThere = asked.openedAt !== undefined && readAddress() === undefined;
          if (isThere || performance.now() > asked.until) {
            wanted.current = null;
            return;
          }
          openWanted();
          setTimeout(look, lookAgainMs);
        };
        look();
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
